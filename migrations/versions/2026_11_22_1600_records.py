"""People, assessments, biomarkers, conversations, files and the audit trail

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import INET, JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "audit_events",
    "biomarkers",
    "organizations",
    "roles",
    "users",
    "assessments",
    "chat_threads",
    "user_profiles",
    "user_roles",
    "ai_explanations",
    "assessment_pictures",
    "biomarker_values",
    "chat_messages",
    "pipeline_stages",
    "uploaded_files",
)


# As Alembic generated it from the models; one line a column.
# fmt: off
def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('audit_events',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=True),
        sa.Column('actor_type', sa.Text(), nullable=False),
        sa.Column('actor_role', sa.Text(), nullable=True),
        sa.Column('actor_ip', INET(), nullable=True),
        sa.Column('user_agent', sa.Text(), nullable=True),
        sa.Column('request_id', sa.Text(), nullable=True),
        sa.Column('session_id', sa.Text(), nullable=True),
        sa.Column('action', sa.Text(), nullable=False),
        sa.Column('resource_type', sa.Text(), nullable=False),
        sa.Column('resource_id', sa.Uuid(), nullable=True),
        sa.Column('subject_id', sa.Uuid(), nullable=True),
        sa.Column('outcome', sa.Text(), nullable=False),
        sa.Column('phi_accessed', sa.Boolean(), nullable=False),
        sa.Column('details', JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column('content_hash', sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("action IN ('create', 'read', 'update', 'delete', 'execute')", name=op.f('ck_audit_events_action_known')),
        sa.CheckConstraint("actor_type IN ('user', 'system')", name=op.f('ck_audit_events_actor_type_known')),
        sa.CheckConstraint("outcome IN ('success', 'denied')", name=op.f('ck_audit_events_outcome_known')),
        sa.PrimaryKeyConstraint('id', 'created_at', name=op.f('pk_audit_events')),
        postgresql_partition_by='RANGE (created_at)'
    )
    op.create_index('ix_audit_events_organization', 'audit_events', ['organization_id', 'created_at'], unique=False)
    op.create_index('ix_audit_events_subject', 'audit_events', ['organization_id', 'subject_id', 'created_at'], unique=False)
    op.create_table('biomarkers',
        sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('pipeline', sa.Text(), nullable=False),
        sa.Column('category', sa.Text(), nullable=False),
        sa.Column('unit', sa.Text(), nullable=False),
        sa.Column('description', sa.Text(), nullable=False),
        sa.CheckConstraint("pipeline IN ('cardiology', 'speech', 'retinal', 'radiology', 'dermatology', 'cognitive')", name=op.f('ck_biomarkers_pipeline_known')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_biomarkers')),
        sa.UniqueConstraint('name', name=op.f('uq_biomarkers_name'))
    )
    op.create_table('organizations',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('type', sa.Text(), nullable=False),
        sa.Column('identity_organization', sa.Text(), nullable=False),
        sa.Column('email', sa.Text(), nullable=True),
        sa.Column('phone', sa.Text(), nullable=True),
        sa.Column('address', JSONB(), nullable=True),
        sa.Column('settings', JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column('is_active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("type IN ('clinic', 'hospital', 'research', 'individual')", name=op.f('ck_organizations_type_known')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_organizations')),
        sa.UniqueConstraint('identity_organization', name=op.f('uq_organizations_identity_organization'))
    )
    op.create_table('roles',
        sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('description', sa.Text(), nullable=False),
        sa.Column('scope', sa.Text(), nullable=False),
        sa.Column('permissions', JSONB(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint("scope IN ('own', 'organization', 'research')", name=op.f('ck_roles_scope_known')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_roles')),
        sa.UniqueConstraint('name', name=op.f('uq_roles_name'))
    )
    op.create_table('users',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('identity_subject', sa.Text(), nullable=True),
        sa.Column('email', sa.Text(), nullable=True),
        sa.Column('email_verified', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('username', sa.Text(), nullable=True),
        sa.Column('first_name', sa.Text(), nullable=True),
        sa.Column('last_name', sa.Text(), nullable=True),
        sa.Column('date_of_birth', sa.Date(), nullable=True),
        sa.Column('gender', sa.Text(), nullable=True),
        sa.Column('is_active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('last_login_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("date_of_birth > '1850-01-01'", name=op.f('ck_users_date_of_birth_range')),
        sa.CheckConstraint("gender IN ('female', 'male', 'other', 'unknown')", name=op.f('ck_users_gender_known')),
        sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name=op.f('fk_users_organization_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
        sa.UniqueConstraint('organization_id', 'id', name=op.f('uq_users_organization_id_id')),
        sa.UniqueConstraint('organization_id', 'identity_subject', name=op.f('uq_users_organization_id_identity_subject'))
    )
    op.create_index('ix_users_identity_subject', 'users', ['identity_subject'], unique=False)
    op.create_table('assessments',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=False),
        sa.Column('session_id', sa.Text(), nullable=False),
        sa.Column('pipeline', sa.Text(), nullable=False),
        sa.Column('pipeline_version', sa.Text(), nullable=False),
        sa.Column('status', sa.Text(), nullable=False),
        sa.Column('risk_score', sa.Float(), nullable=True),
        sa.Column('risk_level', sa.Text(), nullable=True),
        sa.Column('risk_points', JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column('confidence', sa.Float(), nullable=True),
        sa.Column('quality_score', sa.Float(), nullable=True),
        sa.Column('requires_review', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('review_reason', sa.Text(), nullable=True),
        sa.Column('reviewed_by', sa.Uuid(), nullable=True),
        sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('review_note', sa.Text(), nullable=True),
        sa.Column('warnings', JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column('provenance', JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column('idempotency_key', sa.Text(), nullable=True),
        sa.Column('processing_time_ms', sa.Integer(), nullable=True),
        sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('deleted_by', sa.Uuid(), nullable=True),
        sa.CheckConstraint("pipeline IN ('cardiology', 'speech', 'retinal', 'radiology', 'dermatology', 'cognitive')", name=op.f('ck_assessments_pipeline_known')),
        sa.CheckConstraint("risk_level IN ('low', 'moderate', 'high', 'critical')", name=op.f('ck_assessments_risk_level_known')),
        sa.CheckConstraint("status IN ('pending', 'processing', 'completed', 'failed')", name=op.f('ck_assessments_status_known')),
        sa.CheckConstraint('(reviewed_at IS NULL) = (reviewed_by IS NULL)', name=op.f('ck_assessments_reviewed_by_someone')),
        sa.CheckConstraint('confidence BETWEEN 0 AND 1', name=op.f('ck_assessments_confidence_range')),
        sa.CheckConstraint('length(idempotency_key) BETWEEN 1 AND 255', name=op.f('ck_assessments_idempotency_key_length')),
        sa.CheckConstraint('length(session_id) BETWEEN 1 AND 64', name=op.f('ck_assessments_session_id_length')),
        sa.CheckConstraint('processing_time_ms >= 0', name=op.f('ck_assessments_processing_time_ms_range')),
        sa.CheckConstraint('quality_score BETWEEN 0 AND 1', name=op.f('ck_assessments_quality_score_range')),
        sa.CheckConstraint('risk_score BETWEEN 0 AND 100', name=op.f('ck_assessments_risk_score_range')),
        sa.ForeignKeyConstraint(['organization_id', 'created_by'], ['users.organization_id', 'users.id'], name=op.f('fk_assessments_organization_id_created_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'deleted_by'], ['users.organization_id', 'users.id'], name=op.f('fk_assessments_organization_id_deleted_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'reviewed_by'], ['users.organization_id', 'users.id'], name=op.f('fk_assessments_organization_id_reviewed_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_assessments_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_assessments')),
        sa.UniqueConstraint('organization_id', 'created_by', 'idempotency_key', name=op.f('uq_assessments_organization_id_created_by_idempotency_key')),
        sa.UniqueConstraint('organization_id', 'id', name=op.f('uq_assessments_organization_id_id')),
        sa.UniqueConstraint('organization_id', 'user_id', 'id', name=op.f('uq_assessments_organization_id_user_id_id'))
    )
    op.create_index('ix_assessments_deleted', 'assessments', ['organization_id', 'user_id', 'id'], unique=False, postgresql_where=sa.text('deleted_at IS NOT NULL'))
    op.create_index('ix_assessments_organization', 'assessments', ['organization_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_assessments_person', 'assessments', ['organization_id', 'user_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_assessments_review_queue', 'assessments', ['organization_id', 'created_at'], unique=False, postgresql_where=sa.text('requires_review AND reviewed_at IS NULL AND deleted_at IS NULL'))
    # A person has one organization: without knowing it the planner multiplies the two shares,
    # expects nobody's assessments, and sorts them all for the newest 20.
    op.execute('CREATE STATISTICS assessments_person (dependencies) ON organization_id, user_id FROM assessments')
    op.create_table('chat_threads',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('title', sa.Text(), nullable=True),
        sa.Column('context', JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column('is_active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('last_message_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_chat_threads_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_threads')),
        sa.UniqueConstraint('organization_id', 'user_id', 'id', name=op.f('uq_chat_threads_organization_id_user_id_id'))
    )
    op.create_index('ix_chat_threads_person', 'chat_threads', ['organization_id', 'user_id', 'last_message_at'], unique=False)
    op.create_table('user_profiles',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('fitzpatrick_type', sa.Integer(), nullable=True),
        sa.Column('ethnicity', sa.Text(), nullable=True),
        sa.Column('medical_history', JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column('medications', JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column('allergies', JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column('language', sa.Text(), server_default='en', nullable=False),
        sa.Column('timezone', sa.Text(), server_default='UTC', nullable=False),
        sa.Column('consent_research', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('consent_data_sharing', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('fitzpatrick_type BETWEEN 1 AND 6', name=op.f('ck_user_profiles_fitzpatrick_type_range')),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_user_profiles_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_user_profiles')),
        sa.UniqueConstraint('organization_id', 'user_id', name=op.f('uq_user_profiles_organization_id_user_id'))
    )
    op.create_table('user_roles',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('role_id', sa.SmallInteger(), nullable=False),
        sa.Column('granted_by', sa.Uuid(), nullable=True),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['organization_id', 'granted_by'], ['users.organization_id', 'users.id'], name=op.f('fk_user_roles_organization_id_granted_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_user_roles_organization_id_user_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['role_id'], ['roles.id'], name=op.f('fk_user_roles_role_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_user_roles')),
        sa.UniqueConstraint('organization_id', 'user_id', 'role_id', name=op.f('uq_user_roles_organization_id_user_id_role_id'))
    )
    op.create_table('ai_explanations',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('assessment_id', sa.Uuid(), nullable=False),
        sa.Column('explanation_text', sa.Text(), nullable=False),
        sa.Column('model_used', sa.Text(), nullable=False),
        sa.Column('tokens_used', sa.Integer(), nullable=True),
        sa.Column('generation_time_ms', sa.Integer(), nullable=True),
        sa.CheckConstraint('generation_time_ms >= 0', name=op.f('ck_ai_explanations_generation_time_ms_range')),
        sa.CheckConstraint('tokens_used >= 0', name=op.f('ck_ai_explanations_tokens_used_range')),
        sa.ForeignKeyConstraint(['organization_id', 'user_id', 'assessment_id'], ['assessments.organization_id', 'assessments.user_id', 'assessments.id'], name=op.f('fk_ai_explanations_organization_id_user_id_assessment_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_ai_explanations'))
    )
    op.create_index('ix_ai_explanations_assessment', 'ai_explanations', ['organization_id', 'user_id', 'assessment_id'], unique=False)
    op.create_table('assessment_pictures',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('assessment_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('media_type', sa.Text(), nullable=False),
        sa.Column('content_encoding', sa.Text(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("content_encoding IN ('gzip', 'identity')", name=op.f('ck_assessment_pictures_content_encoding_known')),
        sa.ForeignKeyConstraint(['organization_id', 'user_id', 'assessment_id'], ['assessments.organization_id', 'assessments.user_id', 'assessments.id'], name=op.f('fk_assessment_pictures_organization_id_user_id_assessment_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_assessment_pictures')),
        sa.UniqueConstraint('organization_id', 'assessment_id', 'name', name=op.f('uq_assessment_pictures_organization_id_assessment_id_name'))
    )
    op.create_table('biomarker_values',
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('biomarker_id', sa.SmallInteger(), nullable=False),
        sa.Column('measured_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('assessment_id', sa.Uuid(), nullable=False),
        sa.Column('value', sa.Float(), nullable=False),
        sa.Column('confidence', sa.Float(), nullable=True),
        sa.Column('normal_range_min', sa.Float(), nullable=True),
        sa.Column('normal_range_max', sa.Float(), nullable=True),
        sa.Column('status', sa.Text(), nullable=False),
        sa.Column('source', sa.Text(), nullable=True),
        sa.Column('method', sa.Text(), nullable=True),
        sa.CheckConstraint("normal_range_max > '-Infinity'::float8 AND normal_range_max < 'Infinity'::float8", name=op.f('ck_biomarker_values_normal_range_max_finite')),
        sa.CheckConstraint("normal_range_min > '-Infinity'::float8 AND normal_range_min < 'Infinity'::float8", name=op.f('ck_biomarker_values_normal_range_min_finite')),
        sa.CheckConstraint("status IN ('low', 'normal', 'high', 'critical', 'unclassified')", name=op.f('ck_biomarker_values_status_known')),
        sa.CheckConstraint("value > '-Infinity'::float8 AND value < 'Infinity'::float8", name=op.f('ck_biomarker_values_value_finite')),
        sa.CheckConstraint('confidence BETWEEN 0 AND 1', name=op.f('ck_biomarker_values_confidence_range')),
        sa.CheckConstraint('normal_range_min <= normal_range_max', name=op.f('ck_biomarker_values_normal_range_ordered')),
        sa.ForeignKeyConstraint(['biomarker_id'], ['biomarkers.id'], name=op.f('fk_biomarker_values_biomarker_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id', 'assessment_id'], ['assessments.organization_id', 'assessments.user_id', 'assessments.id'], name=op.f('fk_biomarker_values_organization_id_user_id_assessment_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('user_id', 'biomarker_id', 'measured_at', 'assessment_id', name=op.f('pk_biomarker_values'), postgresql_include=['value', 'organization_id', 'method']),
        postgresql_partition_by='RANGE (measured_at)'
    )
    op.create_table('chat_messages',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('thread_id', sa.Uuid(), nullable=False),
        sa.Column('role', sa.Text(), nullable=False),
        sa.Column('content', sa.Text(), nullable=False),
        sa.Column('model_used', sa.Text(), nullable=True),
        sa.Column('tokens_used', sa.Integer(), nullable=True),
        sa.Column('sources', JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.CheckConstraint("role IN ('user', 'assistant', 'system')", name=op.f('ck_chat_messages_role_known')),
        sa.CheckConstraint('tokens_used >= 0', name=op.f('ck_chat_messages_tokens_used_range')),
        sa.ForeignKeyConstraint(['organization_id', 'user_id', 'thread_id'], ['chat_threads.organization_id', 'chat_threads.user_id', 'chat_threads.id'], name=op.f('fk_chat_messages_organization_id_user_id_thread_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_messages'))
    )
    op.create_index('ix_chat_messages_thread', 'chat_messages', ['organization_id', 'user_id', 'thread_id', 'created_at'], unique=False)
    op.create_table('pipeline_stages',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('assessment_id', sa.Uuid(), nullable=False),
        sa.Column('stage_name', sa.Text(), nullable=False),
        sa.Column('stage_index', sa.SmallInteger(), nullable=False),
        sa.Column('status', sa.Text(), nullable=False),
        sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('duration_ms', sa.Integer(), nullable=False),
        sa.Column('error_code', sa.Text(), nullable=True),
        sa.Column('error_message', sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'failed') = (error_code IS NOT NULL)", name=op.f('ck_pipeline_stages_error_code_given')),
        sa.CheckConstraint("status IN ('completed', 'failed')", name=op.f('ck_pipeline_stages_status_known')),
        sa.CheckConstraint('duration_ms >= 0', name=op.f('ck_pipeline_stages_duration_ms_range')),
        sa.CheckConstraint('stage_index >= 0', name=op.f('ck_pipeline_stages_stage_index_range')),
        sa.ForeignKeyConstraint(['organization_id', 'user_id', 'assessment_id'], ['assessments.organization_id', 'assessments.user_id', 'assessments.id'], name=op.f('fk_pipeline_stages_organization_id_user_id_assessment_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_pipeline_stages')),
        sa.UniqueConstraint('organization_id', 'user_id', 'assessment_id', 'stage_index', name=op.f('uq_pipeline_stages_organization_id_user_id_assessment_id_stage_index'))
    )
    op.create_table('uploaded_files',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('organization_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=False),
        sa.Column('assessment_id', sa.Uuid(), nullable=True),
        sa.Column('storage_key', sa.Text(), nullable=False),
        sa.Column('content_type', sa.Text(), nullable=False),
        sa.Column('file_size_bytes', sa.BigInteger(), nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('status', sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f('ck_uploaded_files_sha256_hex')),
        sa.CheckConstraint("status IN ('pending', 'complete', 'rejected', 'expired')", name=op.f('ck_uploaded_files_status_known')),
        sa.CheckConstraint('file_size_bytes >= 0', name=op.f('ck_uploaded_files_file_size_bytes_range')),
        sa.ForeignKeyConstraint(['organization_id', 'created_by'], ['users.organization_id', 'users.id'], name=op.f('fk_uploaded_files_organization_id_created_by'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id', 'assessment_id'], ['assessments.organization_id', 'assessments.user_id', 'assessments.id'], name=op.f('fk_uploaded_files_organization_id_user_id_assessment_id'), ondelete='RESTRICT'),
        sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['users.organization_id', 'users.id'], name=op.f('fk_uploaded_files_organization_id_user_id'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_uploaded_files')),
        sa.UniqueConstraint('organization_id', 'id', name=op.f('uq_uploaded_files_organization_id_id'))
    )
    op.create_index('ix_uploaded_files_person', 'uploaded_files', ['organization_id', 'user_id', 'created_at'], unique=False)
# fmt: on


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in reversed(TABLES):
        op.drop_table(table)
