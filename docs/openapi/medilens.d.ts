// The shapes of the API, made by `python -m local.openapi`: do not edit.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** The route that a method and a path name; none where the API has no such route. */
type RouteOf<M, P> = Route extends infer R
  ? R extends {method: M; path: infer Q} ? (Same<P, Q> extends true ? R : never) : never
  : never;
type Answer<M, P> = RouteOf<M, P> extends {answer: infer A} ? A : never;
type Asked<M, P> = RouteOf<M, P> extends {query: infer Q} ? {[name in keyof Q]?: any} : never;
type Sent<M, P> = RouteOf<M, P> extends {body: infer B} ? {[name in keyof B]?: any} : never;
/** What a component is given: these, and whatever else the template says. */
type With<T> = T & Record<string, any>;

declare namespace accounts {
  type Address = {"lines"?: Array<string>; "city"?: string | null; "postal_code"?: string | null; "country"?: string | null};
  type ArchiveRead = {"name": string; "size_bytes": number; "sha256": string; "address": string | null};
  type AssignmentCreate = {"clinician_id": string; "valid_until"?: string | null};
  type AssignmentRead = {"id": string; "clinician_id": string; "assigned_by": string; "valid_from": string; "valid_until": string | null};
  type AttemptRead = {"at": string; "outcome": string; "status": number | null; "duration_ms": number};
  type BreakGlassOpen = {"person_id": string; "reason": string; "minutes"?: number};
  type CareTeam = {"person_id": string; "items": Array<accounts.AssignmentRead>};
  type ConsentCreate = {"kind": accounts.ConsentKind; "text_version": string};
  type ConsentKind = "treatment" | "research" | "sharing" | "explanations";
  type ConsentRead = {"kind": accounts.ConsentKind; "text_version": string; "given_at": string; "given_by": string; "withdrawn_at": string | null; "withdrawn_by": string | null};
  type Consents = {"person_id": string; "items": Array<accounts.ConsentRead>};
  type DeliveryList = {"items": Array<accounts.DeliveryRead>};
  type DeliveryRead = {"id": string; "event_type": string; "state": accounts.DeliveryState; "created_at": string; "next_at": string | null; "give_up_at": string; "delivered_at": string | null; "dead_at": string | null; "body": string; "attempts": Array<accounts.AttemptRead>};
  type DeliveryState = "pending" | "delivered" | "dead";
  type ErasureCreate = {"when_due"?: boolean};
  type ErasureRead = {"person_id": string; "erased_at"?: string | null; "assessments"?: number | null; "due_at"?: string | null};
  type EventType = "assessment.completed" | "assessment.failed" | "assessment.requires_review" | "assessment.signed" | "assessment.moved" | "assessment.deleted" | "assessment.restored" | "consent.withdrawn" | "person.merged" | "break_glass.opened" | "break_glass.review_due" | "webhook.test";
  type ExportRead = {"id": string; "person_id": string; "is_finished": boolean; "reading": string | null; "archives": Array<accounts.ArchiveRead>; "began_at": string; "expires_at": string};
  type FhirServer = {"url": string; "has_secret": boolean; "changed_at": string};
  type FhirServerChange = {"url": string; "secret"?: string | null};
  type GrantList = {"items": Array<accounts.GrantRead>};
  type GrantRead = {"id": string; "person_id": string; "opened_by": string; "reason": string; "opened_at": string; "expires_at": string; "ended_at": string | null; "is_open": boolean; "review_due_at": string; "reviewed_at": string | null; "reviewed_by": string | null; "is_justified": boolean | null; "review_note": string | null};
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<accounts.JobHealth>; "sealing"?: accounts.SealingHealth | null; "altered_records"?: number};
  type HeldRole = {"role": accounts.RoleName; "granted_at": string; "granted_by": string | null; "reason": string | null};
  type HoldCreate = {"reason": string; "held_until"?: string | null};
  type HoldList = {"items": Array<accounts.HoldRead>};
  type HoldRead = {"id": string; "person_id": string; "reason": string | null; "placed_by": string; "placed_at": string; "held_until": string | null; "released_at": string | null; "released_by": string | null};
  type Identifier = {"system": string; "value": string};
  type InvitationCreate = {"email"?: string | null; "identity_subject"?: string | null; "role": accounts.RoleName; "person_id"?: string | null; "days"?: number};
  type InvitationList = {"items": Array<accounts.InvitationRead>};
  type InvitationRead = {"id": string; "email": string | null; "identity_subject": string | null; "person_id": string | null; "role": accounts.RoleName; "invited_by": string; "created_at": string; "expires_at": string; "accepted_at": string | null; "accepted_by": string | null};
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type KeyCreate = {"name": string; "scopes": Array<accounts.Permission>; "networks"?: Array<string>; "expires_at"?: string | null};
  type KeyCreated = {"id": string; "name": string; "scopes": Array<string>; "networks": Array<string>; "created_by": string; "created_at": string; "expires_at": string | null; "last_used_at": string | null; "revoked_at": string | null; "key": string};
  type KeyList = {"items": Array<accounts.KeyRead>};
  type KeyRead = {"id": string; "name": string; "scopes": Array<string>; "networks": Array<string>; "created_by": string; "created_at": string; "expires_at": string | null; "last_used_at": string | null; "revoked_at": string | null};
  type MeRead = {"id": string; "email": string | null; "first_name": string | null; "last_name": string | null; "date_of_birth": string | null; "sex_at_birth": string | null; "gender": string | null; "phone": string | null; "created_at": string; "organization": accounts.OwnOrganization; "roles": Array<string>; "permissions": Array<string>; "profile": accounts.ProfileRead | null; "consents": Array<accounts.ConsentRead>; "other_organizations": Array<accounts.OtherOrganization>};
  type MemberPage = {"items": Array<accounts.MemberRead>; "next_after": string | null};
  type MemberRead = {"id": string; "first_name": string | null; "last_name": string | null; "email": string | null; "identity_subject": string; "is_active": boolean; "created_at": string; "roles": Array<accounts.HeldRole>};
  type MergeCreate = {"person_id": string; "into_person_id": string; "reason": string};
  type MergePage = {"items": Array<accounts.MergeRead>; "next_before": string | null};
  type MergeRead = {"id": string; "person_id": string; "into_person_id": string; "reason": string; "assessments": number; "merged_by": string; "created_at": string; "undone_at": string | null; "undone_by": string | null};
  type MoveCreate = {"assessment_id": string; "to_person_id": string; "reason": string};
  type MovePage = {"items": Array<accounts.MoveRead>; "next_before": string | null};
  type MoveRead = {"id": string; "assessment_id": string; "from_person_id": string; "to_person_id": string; "reason": string; "moved_by": string; "created_at": string; "undone_at": string | null; "undone_by": string | null};
  type OrganizationChange = {"visibility"?: "organization" | "care_team"; "time_zone"?: string; "just_in_time"?: boolean; "default_role"?: "patient" | "clinician" | "researcher" | null; "retention_years"?: accounts.RetentionYears; "report_head"?: string | null; "report_logo"?: string | null; "emergency_text"?: string | null; "are_explanations_allowed"?: boolean; "explanations_per_month"?: number; "explanation_tokens_per_month"?: number; "models_allowed"?: Array<string> | null; "analyses_per_day"?: number | null};
  type OrganizationRead = {"id": string; "name": string; "type": string; "identity_organization": string; "settings": accounts.SettingsRead};
  type OtherOrganization = {"name": string; "identity_organization": string};
  type OwnOrganization = {"id": string; "name": string; "type": string; "time_zone": string; "emergency_text": string | null};
  type PatientChange = {"first_name"?: string | null; "last_name"?: string | null; "date_of_birth"?: string | null; "sex_at_birth"?: "female" | "male" | "intersex" | "unknown" | null; "gender"?: "female" | "male" | "other" | "unknown" | null; "email"?: string | null; "phone"?: string | null; "address"?: accounts.Address | null; "identifiers"?: Array<accounts.Identifier> | null; "is_active"?: boolean};
  type PatientCreate = {"first_name"?: string | null; "last_name"?: string | null; "date_of_birth"?: string | null; "sex_at_birth"?: "female" | "male" | "intersex" | "unknown" | null; "gender"?: "female" | "male" | "other" | "unknown" | null; "email"?: string | null; "phone"?: string | null; "address"?: accounts.Address | null; "identifiers"?: Array<accounts.Identifier> | null; "is_active"?: true; "not_duplicate_of"?: Array<string>};
  type PatientPage = {"items": Array<accounts.PatientRead>; "next_after": string | null};
  type PatientRead = {"id": string; "first_name": string | null; "last_name": string | null; "date_of_birth": string | null; "sex_at_birth": string | null; "gender": string | null; "email": string | null; "phone": string | null; "address": accounts.Address | null; "identifiers": Array<accounts.Identifier>; "is_active": boolean; "has_login": boolean; "revision": number; "created_at": string; "updated_at": string | null};
  type PatientSearch = {"identifier"?: accounts.Identifier | null; "last_name"?: string | null; "date_of_birth"?: string | null; "name_part"?: string | null; "include_inactive"?: boolean; "limit"?: number; "after"?: string | null};
  type Permission = "view_profile" | "manage_profile" | "view_patients" | "manage_patients" | "manage_consents" | "manage_care_teams" | "view_assessments" | "create_assessment" | "review_assessments" | "delete_assessments" | "restore_assessments" | "export_data" | "chat" | "manage_users" | "manage_organization" | "manage_roles" | "manage_keys" | "manage_webhooks" | "break_glass" | "review_break_glass" | "view_audit" | "view_access_log" | "answer_access_questions";
  type ProfileChange = {"language"?: string; "timezone"?: string; "fitzpatrick_type"?: number | null; "ethnicity"?: string | null};
  type ProfileRead = {"language": string; "timezone": string; "fitzpatrick_type": number | null; "ethnicity": string | null};
  type Reason = {"reason": string};
  type RetentionYears = {"assessments"?: number; "recordings"?: number; "conversations"?: number};
  type ReviewCreate = {"is_justified": boolean; "note"?: string | null};
  type ReviewState = "due" | "done";
  type RoleGrant = {"reason": string; "role": accounts.RoleName};
  type RoleName = "patient" | "clinician" | "admin" | "researcher";
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type SecretRotated = {"secret": string; "overlap_until": string};
  type SecretRotation = {"overlap_hours"?: number};
  type SettingsRead = {"visibility"?: "organization" | "care_team"; "time_zone"?: string; "just_in_time"?: boolean; "default_role"?: "patient" | "clinician" | "researcher" | null; "retention_years"?: accounts.RetentionYears; "report_head"?: string | null; "report_logo"?: string | null; "emergency_text"?: string | null; "are_explanations_allowed"?: boolean; "explanations_per_month"?: number; "explanation_tokens_per_month"?: number; "models_allowed"?: Array<string> | null; "analyses_per_day"?: number | null; "fhir_server"?: accounts.FhirServer | null};
  type WebhookChange = {"url"?: string; "events"?: Array<accounts.EventType>; "description"?: string | null; "is_active"?: boolean};
  type WebhookCreate = {"url": string; "events": Array<accounts.EventType>; "description"?: string | null};
  type WebhookCreated = {"id": string; "url": string; "description": string | null; "events": Array<string>; "is_active": boolean; "created_by": string; "created_at": string; "updated_at": string | null; "secret": string};
  type WebhookList = {"items": Array<accounts.WebhookRead>};
  type WebhookRead = {"id": string; "url": string; "description": string | null; "events": Array<string>; "is_active": boolean; "created_by": string; "created_at": string; "updated_at": string | null};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace assistant {
  type BiomarkerName = string;
  type Exchange = {"question": assistant.MessageRead; "answer": assistant.MessageRead};
  type ExplanationCreate = {"assessment_id"?: string | null; "subject_id"?: string | null; "biomarkers"?: Array<assistant.BiomarkerName> | null; "days"?: number | null; "voice"?: assistant.Voice | null; "language"?: "en"; "engine"?: "template" | "model"; "wording"?: "catalog" | "free" | null};
  type ExplanationList = {"items": Array<assistant.ExplanationRead>};
  type ExplanationRead = {"biomarkers"?: Array<string> | null; "voice": assistant.Voice; "language": string; "engine": "template" | "model"; "model"?: string | null; "prompt_sha256"?: string | null; "why_template"?: string | null; "refused"?: Array<assistant.RefusedRead>; "facts": Array<assistant.FactRead>; "facts_sha256": string; "left_out": Array<string>; "sentences": Array<assistant.SentenceRead>; "id": string; "assessment_id": string; "subject_id": string; "created_at": string; "status": assistant.Status; "generation_time_ms": number | null; "tokens_used": number | null; "is_free": boolean; "released_at": string | null};
  type FactRead = {"key": string; "kind": assistant.Kind; "name": string; "code": string; "slots": Record<string, string>};
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<assistant.JobHealth>; "sealing"?: assistant.SealingHealth | null; "altered_records"?: number};
  type Intent = "emergency" | "diagnosis" | "treatment" | "another-person" | "prognosis" | "absences" | "changes" | "review" | "ranges" | "meaning" | "measured" | "unknown";
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type Kind = "recording" | "measure" | "history" | "series" | "point" | "absence" | "warnings" | "review";
  type MessageCreate = {"text": string; "engine"?: "template" | "model"};
  type MessagePage = {"items": Array<assistant.MessageRead>; "next_cursor": string | null};
  type MessageRead = {"id": string; "thread_id": string; "role": "user" | "assistant" | "system"; "created_by": string; "created_at": string; "text": string | null; "source": assistant.Source | null};
  type QuestionRead = {"intent": assistant.Intent; "text": string};
  type RefusedRead = {"text": string; "reason": string};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type SentenceRead = {"name": string | null; "form": string; "text": string; "facts": Array<string>};
  type Source = {"question_id": string; "intent": assistant.Intent; "engine": "template" | "model"; "model": string | null; "prompt_sha256": string | null; "why_template": string | null; "refused": Array<assistant.RefusedRead>; "took_ms": number; "tokens": number | null; "facts": Array<assistant.FactRead>; "facts_sha256": string; "left_out": Array<string>; "sentences": Array<assistant.SentenceRead>};
  type Status = "pending" | "complete";
  type ThreadCreate = {"assessment_id"?: string | null; "subject_id"?: string | null; "biomarkers"?: Array<assistant.BiomarkerName> | null; "voice"?: assistant.Voice | null; "language"?: "en"; "title"?: string | null};
  type ThreadPage = {"items": Array<assistant.ThreadSummary>; "next_cursor": string | null};
  type ThreadRead = {"id": string; "subject_id": string; "assessment_id": string | null; "created_by": string; "created_at": string; "last_message_at": string | null; "title": string | null; "voice": assistant.Voice; "language": string; "biomarkers": Array<string> | null; "questions": Array<assistant.QuestionRead>; "emergency_text": string};
  type ThreadSummary = {"id": string; "subject_id": string; "assessment_id": string | null; "created_by": string; "created_at": string; "last_message_at": string | null; "title": string | null; "voice": assistant.Voice; "language": string; "biomarkers": Array<string> | null};
  type Voice = "patient" | "clinician" | "researcher";
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace audit {
  type AccessLog = {"subject_id": string; "items": Array<audit.LogEntry>; "next_cursor": string | null};
  type AnswerCreate = {"answer": string};
  type CheckpointRead = {"number": number; "made_at": string; "seq": number | null; "is_signed": boolean; "fault": string | null; "breaks": Array<Record<string, any>>};
  type EventPage = {"items": Array<audit.EventRead>; "next_cursor": string | null};
  type EventRead = {"id": number; "created_at": string; "seq": number | null; "user_id": string | null; "actor_type": string; "actor_role": string | null; "actor_ip": string | null; "user_agent": string | null; "request_id": string | null; "session_id": string | null; "action": string; "resource_type": string; "resource_id": string | null; "subject_id": string | null; "outcome": string; "phi_accessed": boolean; "details": Record<string, any>};
  type Fault = {"code": string; "seq": number | null; "event_id": number | null; "event_at": string | null; "rows": number};
  type Format = "json" | "csv" | "ndjson";
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<audit.JobHealth>; "sealing"?: audit.SealingHealth | null; "altered_records"?: number};
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type LogEntry = {"id": number; "at": string; "who": string; "person_id": string | null; "role": string | null; "what": string; "why": string | null; "outcome": string; "record_type": string; "record_id": string | null};
  type QuestionCreate = {"event_id": number; "question": string; "subject_id"?: string | null};
  type QuestionRead = {"id": string; "created_at": string; "subject_id": string; "asked_by": string; "event_id": number; "question": string; "answer": string | null; "answered_by": string | null; "answered_at": string | null};
  type Questions = {"items": Array<audit.QuestionRead>};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type Verification = {"organization_id": string; "is_intact": boolean; "fault": audit.Fault | null; "verified_to": number; "is_complete": boolean; "unsealed": number; "unsealed_since": string | null; "checkpoint": audit.CheckpointRead | null};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace cardiology {
  type AbsenceRead = {"name": string; "code": string; "detail": string};
  type AssessmentRead = {"id": string; "session_id": string | null; "pipeline": string; "pipeline_version": string; "status": string; "subject_id": string; "created_by": string; "risk_score": number | null; "risk_level": string | null; "confidence": number | null; "quality_score": number | null; "requires_review": boolean; "review_reason": string | null; "reviewed_by": string | null; "reviewed_at": string | null; "processing_time_ms": number | null; "recorded_at": string; "created_at": string; "completed_at": string | null; "revision": number; "risk_points": Array<cardiology.RiskPointRead>; "absent": Array<cardiology.AbsenceRead>; "warnings": Array<string>; "review_note": string | null; "sign_offs": Array<cardiology.SignOffRead>; "result": Record<string, any> | null; "biomarkers": Array<cardiology.BiomarkerRead>; "stages": Array<cardiology.StageRead>; "pictures": Array<cardiology.PictureRead>; "provenance": Record<string, any>; "predecessor_id": string | null; "altered": Array<string>};
  type BiomarkerInfo = {"name": string; "unit": string; "category": string; "description": string; "ranges": Array<cardiology.RangeInfo>};
  type BiomarkerRead = {"name": string; "value": number; "unit": string; "category": string; "normal_range_min": number | null; "normal_range_max": number | null; "status": string; "critical_direction": "low" | "high" | null; "confidence": number | null; "source": string | null; "citation": string | null; "population": string | null};
  type Body_analyze_api_cardiology_analyze_post = {"session_id"?: string | null; "recorded_at"?: string | null; "order_reference"?: string | null; "upload_id"?: Array<string> | null; "subject_id"?: string | null; "subject_identifier"?: string | null; "file"?: Array<string> | null; "fs_hz"?: number | null; "lead"?: string | null; "unit"?: string | null; "sex"?: "female" | "male" | null; "age_years"?: number | null};
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<cardiology.JobHealth>; "sealing"?: cardiology.SealingHealth | null; "altered_records"?: number};
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type PictureRead = {"name": string; "alt": string; "media_type": string; "href": string};
  type PipelineInfo = {"pipeline": string; "version": string; "formats": Array<string>; "limits": Record<string, number>; "biomarkers": Array<cardiology.BiomarkerInfo>; "sources": Record<string, string>};
  type RangeInfo = {"low": number | null; "high": number | null; "critical_low": number | null; "critical_high": number | null; "population": string; "source": string};
  type RiskPointRead = {"rule": string; "score": number; "source": string; "citation": string | null};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type SignOffRead = {"signed_by": string; "signed_at": string; "status": string; "revision": number; "note": string | null};
  type StageRead = {"stage_name": string; "stage_index": number; "status": string; "duration_ms": number; "error_code": string | null; "error_message": string | null};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace cognitive {
  type AbsenceRead = {"name": string; "code": string; "detail": string};
  type AssessmentRead = {"id": string; "session_id": string | null; "pipeline": string; "pipeline_version": string; "status": string; "subject_id": string; "created_by": string; "risk_score": number | null; "risk_level": string | null; "confidence": number | null; "quality_score": number | null; "requires_review": boolean; "review_reason": string | null; "reviewed_by": string | null; "reviewed_at": string | null; "processing_time_ms": number | null; "recorded_at": string; "created_at": string; "completed_at": string | null; "revision": number; "risk_points": Array<cognitive.RiskPointRead>; "absent": Array<cognitive.AbsenceRead>; "warnings": Array<string>; "review_note": string | null; "sign_offs": Array<cognitive.SignOffRead>; "result": Record<string, any> | null; "biomarkers": Array<cognitive.BiomarkerRead>; "stages": Array<cognitive.StageRead>; "pictures": Array<cognitive.PictureRead>; "provenance": Record<string, any>; "predecessor_id": string | null; "altered": Array<string>};
  type BiomarkerInfo = {"name": string; "unit": string; "category": string; "description": string; "ranges": Array<cognitive.RangeInfo>};
  type BiomarkerRead = {"name": string; "value": number; "unit": string; "category": string; "normal_range_min": number | null; "normal_range_max": number | null; "status": string; "critical_direction": "low" | "high" | null; "confidence": number | null; "source": string | null; "citation": string | null; "population": string | null};
  type Body_analyze_api_cognitive_analyze_post = {"session_id"?: string | null; "recorded_at"?: string | null; "order_reference"?: string | null; "upload_id"?: Array<string> | null; "subject_id"?: string | null; "subject_identifier"?: string | null; "file"?: Array<string> | null; "task"?: string | null; "sex"?: "female" | "male" | null; "age_years"?: number | null; "education_years"?: number | null; "mapping"?: string | null};
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<cognitive.JobHealth>; "sealing"?: cognitive.SealingHealth | null; "altered_records"?: number};
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type PictureRead = {"name": string; "alt": string; "media_type": string; "href": string};
  type PipelineInfo = {"pipeline": string; "version": string; "formats": Array<string>; "limits": Record<string, number>; "biomarkers": Array<cognitive.BiomarkerInfo>; "sources": Record<string, string>};
  type RangeInfo = {"low": number | null; "high": number | null; "critical_low": number | null; "critical_high": number | null; "population": string; "source": string};
  type RiskPointRead = {"rule": string; "score": number; "source": string; "citation": string | null};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type SignOffRead = {"signed_by": string; "signed_at": string; "status": string; "revision": number; "note": string | null};
  type SiteNormCreate = {"biomarker": string; "mode": "web" | "computer" | "paper"; "task_version"?: string | null};
  type SiteNormRead = {"id": string; "biomarker": string; "task_version": string | null; "mode": string; "pipeline_version": string; "sample_size": number; "coefficients": cognitive.Terms; "residual_sd": number; "age_min_years": number; "age_max_years": number; "age_center_years": number; "education_center_years": number; "created_by": string; "created_at": string};
  type SiteNorms = {"items": Array<cognitive.SiteNormRead>};
  type StageRead = {"stage_name": string; "stage_index": number; "status": string; "duration_ms": number; "error_code": string | null; "error_message": string | null};
  type Terms = {"intercept": number; "age": number; "age_squared": number; "male": number; "education": number};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace console {
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<console.JobHealth>; "sealing"?: console.SealingHealth | null; "altered_records"?: number};
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace dermatology {
  type AbsenceRead = {"name": string; "code": string; "detail": string};
  type AssessmentRead = {"id": string; "session_id": string | null; "pipeline": string; "pipeline_version": string; "status": string; "subject_id": string; "created_by": string; "risk_score": number | null; "risk_level": string | null; "confidence": number | null; "quality_score": number | null; "requires_review": boolean; "review_reason": string | null; "reviewed_by": string | null; "reviewed_at": string | null; "processing_time_ms": number | null; "recorded_at": string; "created_at": string; "completed_at": string | null; "revision": number; "risk_points": Array<dermatology.RiskPointRead>; "absent": Array<dermatology.AbsenceRead>; "warnings": Array<string>; "review_note": string | null; "sign_offs": Array<dermatology.SignOffRead>; "result": Record<string, any> | null; "biomarkers": Array<dermatology.BiomarkerRead>; "stages": Array<dermatology.StageRead>; "pictures": Array<dermatology.PictureRead>; "provenance": Record<string, any>; "predecessor_id": string | null; "altered": Array<string>};
  type BiomarkerInfo = {"name": string; "unit": string; "category": string; "description": string; "ranges": Array<dermatology.RangeInfo>};
  type BiomarkerRead = {"name": string; "value": number; "unit": string; "category": string; "normal_range_min": number | null; "normal_range_max": number | null; "status": string; "critical_direction": "low" | "high" | null; "confidence": number | null; "source": string | null; "citation": string | null; "population": string | null};
  type Body_analyze_api_dermatology_analyze_post = {"session_id"?: string | null; "recorded_at"?: string | null; "order_reference"?: string | null; "upload_id"?: Array<string> | null; "subject_id"?: string | null; "subject_identifier"?: string | null; "file"?: Array<string> | null; "image_source"?: "dermoscopy" | "clinical" | null; "lesion_key"?: string | null; "mm_per_px"?: number | null; "body_location"?: "scalp" | "face" | "neck" | "chest" | "abdomen" | "back" | "arm" | "hand" | "palm" | "leg" | "foot" | "sole" | "nail" | "genital" | "mucosa" | null; "fitzpatrick_type"?: number | null};
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<dermatology.JobHealth>; "sealing"?: dermatology.SealingHealth | null; "altered_records"?: number};
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type PictureRead = {"name": string; "alt": string; "media_type": string; "href": string};
  type PipelineInfo = {"pipeline": string; "version": string; "formats": Array<string>; "limits": Record<string, number>; "biomarkers": Array<dermatology.BiomarkerInfo>; "sources": Record<string, string>};
  type RangeInfo = {"low": number | null; "high": number | null; "critical_low": number | null; "critical_high": number | null; "population": string; "source": string};
  type RiskPointRead = {"rule": string; "score": number; "source": string; "citation": string | null};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type SignOffRead = {"signed_by": string; "signed_at": string; "status": string; "revision": number; "note": string | null};
  type StageRead = {"stage_name": string; "stage_index": number; "status": string; "duration_ms": number; "error_code": string | null; "error_message": string | null};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace fhir {
  type BiomarkerRead = {"name": string; "unit": string; "pipeline": string; "description": string; "values": number; "pipeline_versions": Array<string>; "ranges": Array<fhir.RangeRead>};
  type Body_search_patients_api_fhir_Patient__search_post = {"identifier": string};
  type ColumnRead = {"name": string; "description": string};
  type Dictionary = {"id": string; "as_of": string; "definition": Record<string, any>; "sha256": string; "rows": number; "people": number; "assessments": number; "k": number; "classes_by": Array<string>; "suppressed": fhir.SuppressedRead; "date_shift": string; "columns": Array<fhir.ColumnRead>; "biomarkers": Array<fhir.BiomarkerRead>; "data": string};
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<fhir.JobHealth>; "sealing"?: fhir.SealingHealth | null; "altered_records"?: number};
  type Job = "pushes";
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type JobReport = {"job": string; "changed": Array<string>};
  type Parameter = {"name": "_type" | "_since" | "_outputFormat"; "valueString"?: string | null; "valueInstant"?: string | null; "valueCode"?: string | null};
  type Parameters = {"resourceType": "Parameters"; "parameter"?: Array<fhir.Parameter>};
  type PipelineName = "cardiology" | "speech" | "cognitive" | "retinal" | "dermatology" | "radiology";
  type PushAttempt = {"at": string; "outcome": string; "status": number | null; "duration_ms": number};
  type PushList = {"items": Array<fhir.PushRead>};
  type PushRead = {"id": string; "assessment_id": string; "state": fhir.PushState; "created_at": string; "next_at": string | null; "give_up_at": string; "delivered_at": string | null; "dead_at": string | null; "attempts": Array<fhir.PushAttempt>};
  type PushState = "pending" | "delivered" | "dead";
  type RangeRead = {"low": number | null; "high": number | null; "source": string | null};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type SuppressedRead = {"people": number; "classes": number};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace maintenance {
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<maintenance.JobHealth>; "sealing"?: maintenance.SealingHealth | null; "altered_records"?: number};
  type Job = "partitions" | "uploads" | "analyses" | "sealing" | "outbox" | "reminders" | "purge";
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type JobReport = {"job": string; "changed": Array<string>};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace radiology {
  type AbsenceRead = {"name": string; "code": string; "detail": string};
  type AssessmentRead = {"id": string; "session_id": string | null; "pipeline": string; "pipeline_version": string; "status": string; "subject_id": string; "created_by": string; "risk_score": number | null; "risk_level": string | null; "confidence": number | null; "quality_score": number | null; "requires_review": boolean; "review_reason": string | null; "reviewed_by": string | null; "reviewed_at": string | null; "processing_time_ms": number | null; "recorded_at": string; "created_at": string; "completed_at": string | null; "revision": number; "risk_points": Array<radiology.RiskPointRead>; "absent": Array<radiology.AbsenceRead>; "warnings": Array<string>; "review_note": string | null; "sign_offs": Array<radiology.SignOffRead>; "result": Record<string, any> | null; "biomarkers": Array<radiology.BiomarkerRead>; "stages": Array<radiology.StageRead>; "pictures": Array<radiology.PictureRead>; "provenance": Record<string, any>; "predecessor_id": string | null; "altered": Array<string>};
  type BiomarkerInfo = {"name": string; "unit": string; "category": string; "description": string; "ranges": Array<radiology.RangeInfo>};
  type BiomarkerRead = {"name": string; "value": number; "unit": string; "category": string; "normal_range_min": number | null; "normal_range_max": number | null; "status": string; "critical_direction": "low" | "high" | null; "confidence": number | null; "source": string | null; "citation": string | null; "population": string | null};
  type Body_analyze_api_radiology_analyze_post = {"session_id"?: string | null; "recorded_at"?: string | null; "order_reference"?: string | null; "upload_id"?: Array<string> | null; "subject_id"?: string | null; "subject_identifier"?: string | null; "file"?: Array<string> | null; "view"?: "PA" | "AP" | "lateral" | null; "position"?: "upright" | "supine" | null; "age_years"?: number | null};
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<radiology.JobHealth>; "sealing"?: radiology.SealingHealth | null; "altered_records"?: number};
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type PictureRead = {"name": string; "alt": string; "media_type": string; "href": string};
  type PipelineInfo = {"pipeline": string; "version": string; "formats": Array<string>; "limits": Record<string, number>; "biomarkers": Array<radiology.BiomarkerInfo>; "sources": Record<string, string>};
  type RangeInfo = {"low": number | null; "high": number | null; "critical_low": number | null; "critical_high": number | null; "population": string; "source": string};
  type RiskPointRead = {"rule": string; "score": number; "source": string; "citation": string | null};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type SignOffRead = {"signed_by": string; "signed_at": string; "status": string; "revision": number; "note": string | null};
  type StageRead = {"stage_name": string; "stage_index": number; "status": string; "duration_ms": number; "error_code": string | null; "error_message": string | null};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace records {
  type AbsenceRead = {"name": string; "code": string; "detail": string};
  type AssessmentPage = {"items": Array<records.AssessmentSummary>; "next_cursor": string | null};
  type AssessmentRead = {"id": string; "session_id": string | null; "pipeline": string; "pipeline_version": string; "status": string; "subject_id": string; "created_by": string; "risk_score": number | null; "risk_level": string | null; "confidence": number | null; "quality_score": number | null; "requires_review": boolean; "review_reason": string | null; "reviewed_by": string | null; "reviewed_at": string | null; "processing_time_ms": number | null; "recorded_at": string; "created_at": string; "completed_at": string | null; "revision": number; "risk_points": Array<records.RiskPointRead>; "absent": Array<records.AbsenceRead>; "warnings": Array<string>; "review_note": string | null; "sign_offs": Array<records.SignOffRead>; "result": Record<string, any> | null; "biomarkers": Array<records.BiomarkerRead>; "stages": Array<records.StageRead>; "pictures": Array<records.PictureRead>; "provenance": Record<string, any>; "predecessor_id": string | null; "altered": Array<string>};
  type AssessmentStatus = "pending" | "processing" | "completed" | "failed";
  type AssessmentSummary = {"id": string; "session_id": string | null; "pipeline": string; "pipeline_version": string; "status": string; "subject_id": string; "created_by": string; "risk_score": number | null; "risk_level": string | null; "confidence": number | null; "quality_score": number | null; "requires_review": boolean; "review_reason": string | null; "reviewed_by": string | null; "reviewed_at": string | null; "processing_time_ms": number | null; "recorded_at": string; "created_at": string; "completed_at": string | null};
  type BiomarkerHistory = {"name": string; "unit": string; "category": string; "subject_id": string; "days": number; "points": Array<records.HistoryPoint>; "reference": records.ReferenceBand | null; "trend": records.Trend | null; "retest": records.RetestRead | null; "warnings": Array<string>};
  type BiomarkerRead = {"name": string; "value": number; "unit": string; "category": string; "normal_range_min": number | null; "normal_range_max": number | null; "status": string; "critical_direction": "low" | "high" | null; "confidence": number | null; "source": string | null; "citation": string | null; "population": string | null};
  type ChangeRead = {"verdict": records.Verdict; "statement": string; "difference": number | null; "expected": number | null; "index": number | null; "band": number | null; "minimal_detectable": number | null};
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<records.JobHealth>; "sealing"?: records.SealingHealth | null; "altered_records"?: number};
  type HistoryPoint = {"measured_at": string; "value": number; "assessment_id": string; "method": string | null; "change": records.ChangeRead | null};
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type PictureRead = {"name": string; "alt": string; "media_type": string; "href": string};
  type PipelineName = "cardiology" | "speech" | "cognitive" | "retinal" | "dermatology" | "radiology";
  type PipelineStatistics = {"pipeline": string; "total": number; "completed": number; "failed": number; "awaiting_review": number; "mean_risk_score": number | null; "mean_confidence": number | null; "mean_quality_score": number | null; "mean_processing_time_ms": number | null};
  type ReferenceBand = {"low": number | null; "high": number | null; "source": string | null};
  type RetestRead = {"difference_sd": number; "practice": number; "n": number; "interval": string; "source": string};
  type ReviewCreate = {"note"?: string | null};
  type RiskPointRead = {"rule": string; "score": number; "source": string; "citation": string | null};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type SignOffRead = {"signed_by": string; "signed_at": string; "status": string; "revision": number; "note": string | null};
  type StageRead = {"stage_name": string; "stage_index": number; "status": string; "duration_ms": number; "error_code": string | null; "error_message": string | null};
  type Statistics = {"days": number; "total": number; "pipelines": Array<records.PipelineStatistics>};
  type Trend = {"slope_per_day": number; "points": number};
  type Verdict = "first measurement" | "no reliable change" | "reliable increase" | "reliable decrease" | "not comparable" | "retest error unknown";
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace retinal {
  type AbsenceRead = {"name": string; "code": string; "detail": string};
  type AssessmentRead = {"id": string; "session_id": string | null; "pipeline": string; "pipeline_version": string; "status": string; "subject_id": string; "created_by": string; "risk_score": number | null; "risk_level": string | null; "confidence": number | null; "quality_score": number | null; "requires_review": boolean; "review_reason": string | null; "reviewed_by": string | null; "reviewed_at": string | null; "processing_time_ms": number | null; "recorded_at": string; "created_at": string; "completed_at": string | null; "revision": number; "risk_points": Array<retinal.RiskPointRead>; "absent": Array<retinal.AbsenceRead>; "warnings": Array<string>; "review_note": string | null; "sign_offs": Array<retinal.SignOffRead>; "result": Record<string, any> | null; "biomarkers": Array<retinal.BiomarkerRead>; "stages": Array<retinal.StageRead>; "pictures": Array<retinal.PictureRead>; "provenance": Record<string, any>; "predecessor_id": string | null; "altered": Array<string>};
  type BiomarkerInfo = {"name": string; "unit": string; "category": string; "description": string; "ranges": Array<retinal.RangeInfo>};
  type BiomarkerRead = {"name": string; "value": number; "unit": string; "category": string; "normal_range_min": number | null; "normal_range_max": number | null; "status": string; "critical_direction": "low" | "high" | null; "confidence": number | null; "source": string | null; "citation": string | null; "population": string | null};
  type Body_analyze_api_retinal_analyze_post = {"session_id"?: string | null; "recorded_at"?: string | null; "order_reference"?: string | null; "upload_id"?: Array<string> | null; "subject_id"?: string | null; "subject_identifier"?: string | null; "file"?: Array<string> | null; "eye"?: "left" | "right" | null; "field_of_view_deg"?: number | null};
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<retinal.JobHealth>; "sealing"?: retinal.SealingHealth | null; "altered_records"?: number};
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type PictureRead = {"name": string; "alt": string; "media_type": string; "href": string};
  type PipelineInfo = {"pipeline": string; "version": string; "formats": Array<string>; "limits": Record<string, number>; "biomarkers": Array<retinal.BiomarkerInfo>; "sources": Record<string, string>};
  type RangeInfo = {"low": number | null; "high": number | null; "critical_low": number | null; "critical_high": number | null; "population": string; "source": string};
  type RiskPointRead = {"rule": string; "score": number; "source": string; "citation": string | null};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type SignOffRead = {"signed_by": string; "signed_at": string; "status": string; "revision": number; "note": string | null};
  type StageRead = {"stage_name": string; "stage_index": number; "status": string; "duration_ms": number; "error_code": string | null; "error_message": string | null};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace speech {
  type AbsenceRead = {"name": string; "code": string; "detail": string};
  type AssessmentRead = {"id": string; "session_id": string | null; "pipeline": string; "pipeline_version": string; "status": string; "subject_id": string; "created_by": string; "risk_score": number | null; "risk_level": string | null; "confidence": number | null; "quality_score": number | null; "requires_review": boolean; "review_reason": string | null; "reviewed_by": string | null; "reviewed_at": string | null; "processing_time_ms": number | null; "recorded_at": string; "created_at": string; "completed_at": string | null; "revision": number; "risk_points": Array<speech.RiskPointRead>; "absent": Array<speech.AbsenceRead>; "warnings": Array<string>; "review_note": string | null; "sign_offs": Array<speech.SignOffRead>; "result": Record<string, any> | null; "biomarkers": Array<speech.BiomarkerRead>; "stages": Array<speech.StageRead>; "pictures": Array<speech.PictureRead>; "provenance": Record<string, any>; "predecessor_id": string | null; "altered": Array<string>};
  type BiomarkerInfo = {"name": string; "unit": string; "category": string; "description": string; "ranges": Array<speech.RangeInfo>};
  type BiomarkerRead = {"name": string; "value": number; "unit": string; "category": string; "normal_range_min": number | null; "normal_range_max": number | null; "status": string; "critical_direction": "low" | "high" | null; "confidence": number | null; "source": string | null; "citation": string | null; "population": string | null};
  type Body_analyze_api_speech_analyze_post = {"session_id"?: string | null; "recorded_at"?: string | null; "order_reference"?: string | null; "upload_id"?: Array<string> | null; "subject_id"?: string | null; "subject_identifier"?: string | null; "file"?: Array<string> | null; "task": "sustained_vowel" | "speech" | "corner_vowels" | "diadochokinesis"; "sex"?: "female" | "male" | null; "age_years"?: number | null};
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<speech.JobHealth>; "sealing"?: speech.SealingHealth | null; "altered_records"?: number};
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type PictureRead = {"name": string; "alt": string; "media_type": string; "href": string};
  type PipelineInfo = {"pipeline": string; "version": string; "formats": Array<string>; "limits": Record<string, number>; "biomarkers": Array<speech.BiomarkerInfo>; "sources": Record<string, string>};
  type RangeInfo = {"low": number | null; "high": number | null; "critical_low": number | null; "critical_high": number | null; "population": string; "source": string};
  type RiskPointRead = {"rule": string; "score": number; "source": string; "citation": string | null};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type SignOffRead = {"signed_by": string; "signed_at": string; "status": string; "revision": number; "note": string | null};
  type StageRead = {"stage_name": string; "stage_index": number; "status": string; "duration_ms": number; "error_code": string | null; "error_message": string | null};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
declare namespace uploads {
  type Health = {"function": string; "status": "ok"; "database": "ok" | "drifted" | null; "drift"?: Array<string>; "jobs"?: Array<uploads.JobHealth>; "sealing"?: uploads.SealingHealth | null; "altered_records"?: number};
  type JobHealth = {"job": string; "succeeded_at": string | null; "is_late": boolean};
  type PartAsked = {"number": number; "sha256": string};
  type PartSigned = {"number": number; "request": uploads.SignedRequest};
  type PartsAsked = {"parts": Array<uploads.PartAsked>};
  type PartsSigned = {"parts": Array<uploads.PartSigned>};
  type SealingHealth = {"era": number; "sealed": number; "unsealed": number; "unsealed_since": string | null; "is_late": boolean; "checkpoint": number; "is_checkpoint_due": boolean};
  type SignedRequest = {"method": "PUT"; "url": string; "headers": Record<string, string>; "expires_at": string};
  type UploadCreate = {"content_type": string; "size_bytes": number; "sha256": string; "subject_id"?: string | null; "suffix"?: string | null};
  type UploadCreated = {"upload_id": string; "subject_id": string; "status": string; "content_type": string; "size_bytes": number; "sha256": string; "suffix": string | null; "assessment_id": string | null; "created_at": string; "completed_at": string | null; "expires_at": string | null; "part_size_bytes": number; "parts": Array<uploads.UploadedPart>; "request": uploads.SignedRequest};
  type UploadRead = {"upload_id": string; "subject_id": string; "status": string; "content_type": string; "size_bytes": number; "sha256": string; "suffix": string | null; "assessment_id": string | null; "created_at": string; "completed_at": string | null; "expires_at": string | null; "part_size_bytes": number; "parts": Array<uploads.UploadedPart>};
  type UploadedPart = {"number": number; "size_bytes": number; "sha256": string | null};
  type Problem = {"type": string; "title": string; "status": number; "code": string; "detail": string; "instance": string; "assessment_id"?: string | null; "stage"?: string | null; "person_ids"?: Array<string> | null; "retained_until"?: string | null};
}
type Route =
  | {method: "GET"; path: `accounts/health`; query: {"deep": any}; body: unknown; answer: accounts.Health}
  | {method: "GET"; path: `accounts/me`; query: {}; body: unknown; answer: accounts.MeRead}
  | {method: "PATCH"; path: `accounts/me`; query: {}; body: accounts.ProfileChange; answer: accounts.MeRead}
  | {method: "POST"; path: `accounts/join`; query: {}; body: unknown; answer: accounts.MeRead}
  | {method: "POST"; path: `accounts/patients`; query: {}; body: accounts.PatientCreate; answer: accounts.PatientRead}
  | {method: "POST"; path: `accounts/patients/search`; query: {}; body: accounts.PatientSearch; answer: accounts.PatientPage}
  | {method: "GET"; path: `accounts/patients/${string}`; query: {}; body: unknown; answer: accounts.PatientRead}
  | {method: "PATCH"; path: `accounts/patients/${string}`; query: {}; body: accounts.PatientChange; answer: accounts.PatientRead}
  | {method: "GET"; path: `accounts/patients/${string}/care-team`; query: {}; body: unknown; answer: accounts.CareTeam}
  | {method: "POST"; path: `accounts/patients/${string}/care-team`; query: {}; body: accounts.AssignmentCreate; answer: accounts.CareTeam}
  | {method: "POST"; path: `accounts/patients/${string}/care-team/${string}/end`; query: {}; body: unknown; answer: accounts.CareTeam}
  | {method: "GET"; path: `accounts/break-glass`; query: {}; body: unknown; answer: accounts.GrantList}
  | {method: "POST"; path: `accounts/break-glass`; query: {}; body: accounts.BreakGlassOpen; answer: accounts.GrantRead}
  | {method: "GET"; path: `accounts/break-glass/reviews`; query: {"state": any}; body: unknown; answer: accounts.GrantList}
  | {method: "POST"; path: `accounts/break-glass/${string}/end`; query: {}; body: unknown; answer: accounts.GrantRead}
  | {method: "POST"; path: `accounts/break-glass/${string}/review`; query: {}; body: accounts.ReviewCreate; answer: accounts.GrantRead}
  | {method: "GET"; path: `accounts/people/${string}/consents`; query: {}; body: unknown; answer: accounts.Consents}
  | {method: "POST"; path: `accounts/people/${string}/consents`; query: {}; body: accounts.ConsentCreate; answer: accounts.Consents}
  | {method: "POST"; path: `accounts/people/${string}/consents/${string}/withdraw`; query: {}; body: unknown; answer: accounts.Consents}
  | {method: "GET"; path: `accounts/members`; query: {"limit": any; "after": any}; body: unknown; answer: accounts.MemberPage}
  | {method: "GET"; path: `accounts/members/${string}`; query: {}; body: unknown; answer: accounts.MemberRead}
  | {method: "POST"; path: `accounts/members/${string}/roles`; query: {}; body: accounts.RoleGrant; answer: accounts.MemberRead}
  | {method: "POST"; path: `accounts/members/${string}/roles/${string}/revoke`; query: {}; body: accounts.Reason; answer: accounts.MemberRead}
  | {method: "POST"; path: `accounts/members/${string}/deactivate`; query: {}; body: unknown; answer: accounts.MemberRead}
  | {method: "POST"; path: `accounts/members/${string}/reactivate`; query: {}; body: unknown; answer: accounts.MemberRead}
  | {method: "GET"; path: `accounts/invitations`; query: {}; body: unknown; answer: accounts.InvitationList}
  | {method: "POST"; path: `accounts/invitations`; query: {}; body: accounts.InvitationCreate; answer: accounts.InvitationRead}
  | {method: "DELETE"; path: `accounts/invitations/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `accounts/people/${string}/holds`; query: {}; body: unknown; answer: accounts.HoldList}
  | {method: "POST"; path: `accounts/people/${string}/holds`; query: {}; body: accounts.HoldCreate; answer: accounts.HoldList}
  | {method: "POST"; path: `accounts/people/${string}/holds/${string}/release`; query: {}; body: unknown; answer: accounts.HoldList}
  | {method: "POST"; path: `accounts/people/${string}/erasure`; query: {}; body: accounts.ErasureCreate; answer: accounts.ErasureRead}
  | {method: "GET"; path: `accounts/people/${string}/export`; query: {}; body: unknown; answer: accounts.ExportRead}
  | {method: "GET"; path: `accounts/people/${string}/exports/${string}`; query: {}; body: unknown; answer: accounts.ExportRead}
  | {method: "DELETE"; path: `accounts/people/${string}/exports/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `accounts/moves`; query: {"person_id": any; "limit": any; "before": any; "assessment_id": any}; body: unknown; answer: accounts.MovePage}
  | {method: "POST"; path: `accounts/moves`; query: {}; body: accounts.MoveCreate; answer: accounts.MoveRead}
  | {method: "POST"; path: `accounts/moves/${string}/undo`; query: {}; body: unknown; answer: accounts.MoveRead}
  | {method: "GET"; path: `accounts/merges`; query: {"person_id": any; "limit": any; "before": any}; body: unknown; answer: accounts.MergePage}
  | {method: "POST"; path: `accounts/merges`; query: {}; body: accounts.MergeCreate; answer: accounts.MergeRead}
  | {method: "POST"; path: `accounts/merges/${string}/undo`; query: {}; body: unknown; answer: accounts.MergeRead}
  | {method: "GET"; path: `accounts/organization`; query: {}; body: unknown; answer: accounts.OrganizationRead}
  | {method: "PATCH"; path: `accounts/organization`; query: {}; body: accounts.OrganizationChange; answer: accounts.OrganizationRead}
  | {method: "PUT"; path: `accounts/organization/fhir-server`; query: {}; body: accounts.FhirServerChange; answer: accounts.OrganizationRead}
  | {method: "DELETE"; path: `accounts/organization/fhir-server`; query: {}; body: unknown; answer: accounts.OrganizationRead}
  | {method: "GET"; path: `accounts/keys`; query: {}; body: unknown; answer: accounts.KeyList}
  | {method: "POST"; path: `accounts/keys`; query: {}; body: accounts.KeyCreate; answer: accounts.KeyCreated}
  | {method: "POST"; path: `accounts/keys/${string}/revoke`; query: {}; body: unknown; answer: accounts.KeyRead}
  | {method: "POST"; path: `accounts/webhooks/identity`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `accounts/webhooks`; query: {}; body: unknown; answer: accounts.WebhookList}
  | {method: "POST"; path: `accounts/webhooks`; query: {}; body: accounts.WebhookCreate; answer: accounts.WebhookCreated}
  | {method: "GET"; path: `accounts/webhooks/${string}`; query: {}; body: unknown; answer: accounts.WebhookRead}
  | {method: "PATCH"; path: `accounts/webhooks/${string}`; query: {}; body: accounts.WebhookChange; answer: accounts.WebhookRead}
  | {method: "DELETE"; path: `accounts/webhooks/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "POST"; path: `accounts/webhooks/${string}/rotate-secret`; query: {}; body: accounts.SecretRotation; answer: accounts.SecretRotated}
  | {method: "GET"; path: `accounts/webhooks/${string}/deliveries`; query: {"state": any; "before": any}; body: unknown; answer: accounts.DeliveryList}
  | {method: "POST"; path: `accounts/webhooks/${string}/deliveries/${string}/replay`; query: {}; body: unknown; answer: accounts.DeliveryRead}
  | {method: "POST"; path: `accounts/webhooks/${string}/test`; query: {}; body: unknown; answer: accounts.DeliveryRead}
  | {method: "GET"; path: `assistant/health`; query: {"deep": any}; body: unknown; answer: assistant.Health}
  | {method: "POST"; path: `assistant/explanations`; query: {}; body: assistant.ExplanationCreate; answer: assistant.ExplanationRead}
  | {method: "GET"; path: `assistant/explanations/waiting`; query: {"limit": any}; body: unknown; answer: assistant.ExplanationList}
  | {method: "GET"; path: `assistant/explanations/${string}`; query: {}; body: unknown; answer: assistant.ExplanationRead}
  | {method: "POST"; path: `assistant/explanations/${string}/release`; query: {}; body: unknown; answer: assistant.ExplanationRead}
  | {method: "GET"; path: `assistant/threads`; query: {"subject_id": any; "assessment_id": any; "limit": any; "cursor": any}; body: unknown; answer: assistant.ThreadPage}
  | {method: "POST"; path: `assistant/threads`; query: {}; body: assistant.ThreadCreate; answer: assistant.ThreadRead}
  | {method: "GET"; path: `assistant/threads/${string}`; query: {}; body: unknown; answer: assistant.ThreadRead}
  | {method: "DELETE"; path: `assistant/threads/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `assistant/threads/${string}/messages`; query: {"limit": any; "cursor": any}; body: unknown; answer: assistant.MessagePage}
  | {method: "POST"; path: `assistant/threads/${string}/messages`; query: {}; body: assistant.MessageCreate; answer: assistant.Exchange}
  | {method: "GET"; path: `audit/health`; query: {"deep": any}; body: unknown; answer: audit.Health}
  | {method: "GET"; path: `audit/events`; query: {"user_id": any; "subject_id": any; "action": any; "resource_type": any; "resource_id": any; "outcome": any; "request_id": any; "created_from": any; "created_to": any; "limit": any; "cursor": any; "format": any}; body: unknown; answer: audit.EventPage}
  | {method: "GET"; path: `audit/access-log`; query: {"subject_id": any; "limit": any; "cursor": any}; body: unknown; answer: audit.AccessLog}
  | {method: "GET"; path: `audit/questions`; query: {"is_open": any}; body: unknown; answer: audit.Questions}
  | {method: "POST"; path: `audit/questions`; query: {}; body: audit.QuestionCreate; answer: audit.QuestionRead}
  | {method: "POST"; path: `audit/questions/${string}/answer`; query: {}; body: audit.AnswerCreate; answer: audit.QuestionRead}
  | {method: "GET"; path: `audit/verify`; query: {"after": any}; body: unknown; answer: audit.Verification}
  | {method: "GET"; path: `audit/export`; query: {"after": any; "limit": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `cardiology/health`; query: {"deep": any}; body: unknown; answer: cardiology.Health}
  | {method: "GET"; path: `cardiology/assessments/${string}/pictures/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "POST"; path: `cardiology/analyze`; query: {}; body: unknown; answer: cardiology.AssessmentRead}
  | {method: "POST"; path: `cardiology/assessments/${string}/analyze-again`; query: {}; body: unknown; answer: cardiology.AssessmentRead}
  | {method: "GET"; path: `cardiology/info`; query: {}; body: unknown; answer: cardiology.PipelineInfo}
  | {method: "GET"; path: `cognitive/health`; query: {"deep": any}; body: unknown; answer: cognitive.Health}
  | {method: "GET"; path: `cognitive/assessments/${string}/pictures/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "POST"; path: `cognitive/analyze`; query: {}; body: unknown; answer: cognitive.AssessmentRead}
  | {method: "POST"; path: `cognitive/assessments/${string}/analyze-again`; query: {}; body: unknown; answer: cognitive.AssessmentRead}
  | {method: "GET"; path: `cognitive/info`; query: {}; body: unknown; answer: cognitive.PipelineInfo}
  | {method: "GET"; path: `cognitive/site-norms`; query: {}; body: unknown; answer: cognitive.SiteNorms}
  | {method: "POST"; path: `cognitive/site-norms`; query: {}; body: cognitive.SiteNormCreate; answer: cognitive.SiteNormRead}
  | {method: "GET"; path: `console/health`; query: {"deep": any}; body: unknown; answer: console.Health}
  | {method: "GET"; path: `dermatology/health`; query: {"deep": any}; body: unknown; answer: dermatology.Health}
  | {method: "GET"; path: `dermatology/assessments/${string}/pictures/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "POST"; path: `dermatology/analyze`; query: {}; body: unknown; answer: dermatology.AssessmentRead}
  | {method: "POST"; path: `dermatology/assessments/${string}/analyze-again`; query: {}; body: unknown; answer: dermatology.AssessmentRead}
  | {method: "GET"; path: `dermatology/info`; query: {}; body: unknown; answer: dermatology.PipelineInfo}
  | {method: "GET"; path: `fhir/health`; query: {"deep": any}; body: unknown; answer: fhir.Health}
  | {method: "GET"; path: `fhir/reports/people/${string}.html`; query: {"since": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/reports/people/${string}.pdf`; query: {"since": any; "paper": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/reports/${string}.html`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/reports/${string}.pdf`; query: {"paper": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/reports/${string}.hl7`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/reports/${string}.dcm`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/cohorts`; query: {"pipeline": any; "biomarker": any; "recorded_from": any; "recorded_before": any; "as_of": any}; body: unknown; answer: fhir.Dictionary}
  | {method: "GET"; path: `fhir/cohorts/data.csv.gz`; query: {"pipeline": any; "biomarker": any; "recorded_from": any; "recorded_before": any; "as_of": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/metadata`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/CodeSystem/biomarker`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/ConceptMap/biomarker`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Patient/$export`; query: {"_type": any; "_since": any; "_outputFormat": any}; body: unknown; answer: unknown}
  | {method: "POST"; path: `fhir/Patient/$export`; query: {}; body: fhir.Parameters; answer: unknown}
  | {method: "GET"; path: `fhir/$export`; query: {"_type": any; "_since": any; "_outputFormat": any}; body: unknown; answer: unknown}
  | {method: "POST"; path: `fhir/$export`; query: {}; body: fhir.Parameters; answer: unknown}
  | {method: "GET"; path: `fhir/Group/${string}/$export`; query: {"_type": any; "_since": any; "_outputFormat": any}; body: unknown; answer: unknown}
  | {method: "POST"; path: `fhir/Group/${string}/$export`; query: {}; body: fhir.Parameters; answer: unknown}
  | {method: "GET"; path: `fhir/exports/${string}`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "DELETE"; path: `fhir/exports/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/exports/${string}/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Patient`; query: {"_id": any; "_count": any; "after": any; "_format": any}; body: unknown; answer: unknown}
  | {method: "POST"; path: `fhir/Patient/_search`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Patient/${string}`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Patient/${string}/$everything`; query: {"_since": any; "_count": any; "cursor": any; "_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Consent`; query: {"patient": any; "_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Consent/${string}`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/DiagnosticReport`; query: {"_include": any; "_revinclude": any; "patient": any; "subject": any; "_id": any; "code": any; "category": any; "date": any; "status": any; "_lastUpdated": any; "_sort": any; "_count": any; "cursor": any; "_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/DiagnosticReport/${string}`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/DiagnosticReport/${string}/$document`; query: {"absent": any; "_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/DiagnosticReport/${string}/$transaction`; query: {"absent": any; "_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Observation`; query: {"_include": any; "_revinclude": any; "patient": any; "subject": any; "_id": any; "code": any; "category": any; "date": any; "status": any; "_lastUpdated": any; "_sort": any; "_count": any; "cursor": any; "_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Observation/${string}`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Provenance`; query: {"target": any; "_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Provenance/${string}`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/DocumentReference`; query: {"patient": any; "subject": any; "_id": any; "date": any; "_lastUpdated": any; "_sort": any; "_count": any; "cursor": any; "_include": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/DocumentReference/${string}`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Binary/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/Device/${string}`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "POST"; path: `fhir/DiagnosticReport/${string}/$push`; query: {}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/pushes`; query: {"state": any; "assessment_id": any; "before": any}; body: unknown; answer: fhir.PushList}
  | {method: "GET"; path: `fhir/pushes/${string}`; query: {}; body: unknown; answer: fhir.PushRead}
  | {method: "GET"; path: `fhir/jobs/${string}`; query: {}; body: unknown; answer: fhir.JobReport}
  | {method: "GET"; path: `fhir/AuditEvent`; query: {"patient": any; "date": any; "_count": any; "cursor": any; "_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `fhir/AuditEvent/${string}`; query: {"_format": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `maintenance/health`; query: {"deep": any}; body: unknown; answer: maintenance.Health}
  | {method: "GET"; path: `maintenance/jobs/${string}`; query: {}; body: unknown; answer: maintenance.JobReport}
  | {method: "GET"; path: `radiology/health`; query: {"deep": any}; body: unknown; answer: radiology.Health}
  | {method: "GET"; path: `radiology/assessments/${string}/pictures/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "POST"; path: `radiology/analyze`; query: {}; body: unknown; answer: radiology.AssessmentRead}
  | {method: "POST"; path: `radiology/assessments/${string}/analyze-again`; query: {}; body: unknown; answer: radiology.AssessmentRead}
  | {method: "GET"; path: `radiology/info`; query: {}; body: unknown; answer: radiology.PipelineInfo}
  | {method: "GET"; path: `records/health`; query: {"deep": any}; body: unknown; answer: records.Health}
  | {method: "GET"; path: `records/assessments`; query: {"subject_id": any; "pipeline": any; "status": any; "session_id": any; "requires_review": any; "created_from": any; "created_to": any; "limit": any; "cursor": any}; body: unknown; answer: records.AssessmentPage}
  | {method: "GET"; path: `records/assessments/${string}`; query: {}; body: unknown; answer: records.AssessmentRead}
  | {method: "DELETE"; path: `records/assessments/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "POST"; path: `records/assessments/${string}/analyze-again`; query: {}; body: unknown; answer: records.AssessmentRead}
  | {method: "POST"; path: `records/assessments/${string}/review`; query: {}; body: records.ReviewCreate; answer: records.AssessmentRead}
  | {method: "POST"; path: `records/assessments/${string}/restore`; query: {}; body: unknown; answer: records.AssessmentRead}
  | {method: "GET"; path: `records/biomarkers/${string}/history`; query: {"days": any; "subject_id": any}; body: unknown; answer: records.BiomarkerHistory}
  | {method: "GET"; path: `records/biomarkers/${string}/history/chart`; query: {"days": any; "subject_id": any; "form": any}; body: unknown; answer: unknown}
  | {method: "GET"; path: `records/statistics`; query: {"days": any; "subject_id": any}; body: unknown; answer: records.Statistics}
  | {method: "GET"; path: `retinal/health`; query: {"deep": any}; body: unknown; answer: retinal.Health}
  | {method: "GET"; path: `retinal/assessments/${string}/pictures/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "POST"; path: `retinal/analyze`; query: {}; body: unknown; answer: retinal.AssessmentRead}
  | {method: "POST"; path: `retinal/assessments/${string}/analyze-again`; query: {}; body: unknown; answer: retinal.AssessmentRead}
  | {method: "GET"; path: `retinal/info`; query: {}; body: unknown; answer: retinal.PipelineInfo}
  | {method: "GET"; path: `speech/health`; query: {"deep": any}; body: unknown; answer: speech.Health}
  | {method: "GET"; path: `speech/assessments/${string}/pictures/${string}`; query: {}; body: unknown; answer: unknown}
  | {method: "POST"; path: `speech/analyze`; query: {}; body: unknown; answer: speech.AssessmentRead}
  | {method: "POST"; path: `speech/assessments/${string}/analyze-again`; query: {}; body: unknown; answer: speech.AssessmentRead}
  | {method: "GET"; path: `speech/info`; query: {}; body: unknown; answer: speech.PipelineInfo}
  | {method: "GET"; path: `uploads/health`; query: {"deep": any}; body: unknown; answer: uploads.Health}
  | {method: "POST"; path: `uploads`; query: {}; body: uploads.UploadCreate; answer: uploads.UploadCreated}
  | {method: "POST"; path: `uploads/${string}/parts`; query: {}; body: uploads.PartsAsked; answer: uploads.PartsSigned}
  | {method: "POST"; path: `uploads/${string}/complete`; query: {}; body: unknown; answer: uploads.UploadRead}
  | {method: "GET"; path: `uploads/${string}`; query: {}; body: unknown; answer: uploads.UploadRead}
  | {method: "DELETE"; path: `uploads/${string}`; query: {}; body: unknown; answer: unknown}
;
