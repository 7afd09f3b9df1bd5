"""The obvious design, to compare with: SQLAlchemy's ORM over a connection a request.

Written from the description of such a backend: entities, `refresh` after each flush, plain
single-column indexes (time series by `created_at`), no row-level security, no audit trail, nobody
signed in. It answers through FastAPI too, so that both sides pay for a web framework.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import DECIMAL, JSON, DateTime, ForeignKey, MetaData, String, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable

from shared.database.address import connect_options

SCHEMA = "obvious_design"


class Base(DeclarativeBase):
    metadata = MetaData(schema=SCHEMA)
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True), dict[str, Any]: JSON}


def created_at() -> Mapped[datetime]:
    return mapped_column(server_default=func.now(), index=True)


class Assessment(Base):
    __tablename__ = "assessments"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    session_id: Mapped[str] = mapped_column(String(255), unique=True)
    user_id: Mapped[UUID] = mapped_column(index=True)
    organization_id: Mapped[UUID | None] = mapped_column(index=True)
    pipeline_type: Mapped[str] = mapped_column(String(50), index=True)
    pipeline_version: Mapped[str] = mapped_column(String(20), default="1.0.0")
    risk_score: Mapped[Decimal | None] = mapped_column(DECIMAL(5, 2))
    risk_level: Mapped[str | None] = mapped_column(String(20))
    confidence: Mapped[Decimal | None] = mapped_column(DECIMAL(4, 3))
    status: Mapped[str] = mapped_column(String(20), index=True, default="pending")
    processing_time_ms: Mapped[int | None]
    quality_score: Mapped[Decimal | None] = mapped_column(DECIMAL(4, 3))
    requires_review: Mapped[bool] = mapped_column(default=False, index=True)
    review_reason: Mapped[str | None]
    results: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = created_at()
    completed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class BiomarkerValue(Base):
    __tablename__ = "biomarker_values"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    assessment_id: Mapped[UUID] = mapped_column(ForeignKey(Assessment.id), index=True)
    biomarker_name: Mapped[str] = mapped_column(String(100), index=True)
    biomarker_category: Mapped[str | None] = mapped_column(String(50))
    value: Mapped[Decimal] = mapped_column(DECIMAL(12, 6))
    unit: Mapped[str | None] = mapped_column(String(20))
    normal_range_min: Mapped[Decimal | None] = mapped_column(DECIMAL(12, 6))
    normal_range_max: Mapped[Decimal | None] = mapped_column(DECIMAL(12, 6))
    status: Mapped[str | None] = mapped_column(String(20))
    confidence: Mapped[Decimal | None] = mapped_column(DECIMAL(4, 3))
    created_at: Mapped[datetime] = created_at()


class PipelineStage(Base):
    __tablename__ = "pipeline_stages"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    assessment_id: Mapped[UUID] = mapped_column(ForeignKey(Assessment.id), index=True)
    stage_name: Mapped[str] = mapped_column(String(100))
    stage_index: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    duration_ms: Mapped[int | None]


class CardiologyResult(Base):
    __tablename__ = "cardiology_results"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    assessment_id: Mapped[UUID] = mapped_column(ForeignKey(Assessment.id), unique=True)
    heart_rate_bpm: Mapped[int | None]
    rhythm_classification: Mapped[str | None] = mapped_column(String(50), index=True)
    rmssd_ms: Mapped[Decimal | None] = mapped_column(DECIMAL(8, 2))
    sdnn_ms: Mapped[Decimal | None] = mapped_column(DECIMAL(8, 2))


class AssessmentOut(BaseModel):
    """The columns that a list shows."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    session_id: str
    user_id: UUID
    pipeline_type: str
    pipeline_version: str
    status: str
    risk_score: float | None
    risk_level: str | None
    confidence: float | None
    quality_score: float | None
    requires_review: bool
    review_reason: str | None
    processing_time_ms: int | None
    created_at: datetime
    completed_at: datetime | None


class PointOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    created_at: datetime
    value: float
    assessment_id: UUID


class StatisticsOut(BaseModel):
    total: int
    avg_risk_score: float | None
    avg_confidence: float | None
    avg_processing_time_ms: float | None


class Examination(BaseModel):
    """What one analysis leaves to be stored."""

    user_id: UUID
    session_id: str
    stages: list[dict[str, Any]] = []
    biomarkers: list[dict[str, Any]] = []
    result: dict[str, Any] = {}


def create_app(url: str) -> FastAPI:
    """Return the application; `url` is a direct address, because a pooler refuses `jit`."""
    address, _ = connect_options(url)
    engine = create_async_engine(
        address,
        poolclass=NullPool,
        pool_pre_ping=True,
        pool_recycle=3600,
        connect_args={
            "server_settings": {"application_name": "obvious", "jit": "off"},
            "command_timeout": 30,
            "timeout": 10,
        },
    )
    sessions = async_sessionmaker(engine, expire_on_commit=False, autoflush=False)

    async def session() -> AsyncIterator[AsyncSession]:
        async with sessions() as opened:
            yield opened
            await opened.commit()

    app = FastAPI(title="The obvious design")
    app.state.engine = engine
    app.include_router(_router(session))
    return app


def _router(session: Any) -> APIRouter:
    router = APIRouter()
    opened = Annotated[AsyncSession, Depends(session, scope="function")]

    @router.post("/assessments", status_code=201)
    async def create(session: opened, order: Examination) -> AssessmentOut:
        return AssessmentOut.model_validate(await create_assessment(session, order))

    @router.post("/assessments/{assessment_id}/biomarkers", status_code=201)
    async def save(
        session: opened, assessment_id: UUID, rows: list[dict[str, Any]]
    ) -> dict[str, int]:
        return {"saved": len(await save_biomarkers(session, assessment_id, rows))}

    @router.post("/examinations", status_code=201)
    async def examine(session: opened, order: Examination) -> AssessmentOut:
        return AssessmentOut.model_validate(await store_examination(session, order))

    @router.get("/users/{user_id}/assessments")
    async def assessments(session: opened, user_id: UUID, limit: int = 20) -> list[AssessmentOut]:
        rows = await get_user_assessments(session, user_id, limit)
        return [AssessmentOut.model_validate(row) for row in rows]

    @router.get("/users/{user_id}/biomarkers/{name}")
    async def history(session: opened, user_id: UUID, name: str, days: int = 90) -> list[PointOut]:
        rows = await get_user_biomarker_history(session, user_id, name, days)
        return [PointOut.model_validate(row) for row in rows]

    @router.get("/users/{user_id}/statistics")
    async def statistics(session: opened, user_id: UUID, days: int = 30) -> StatisticsOut:
        return await get_assessment_statistics(session, user_id, days)

    return router


async def create_assessment(session: AsyncSession, order: Examination) -> Assessment:
    assessment = Assessment(
        session_id=order.session_id, user_id=order.user_id, pipeline_type="cardiology"
    )
    session.add(assessment)
    await session.flush()
    await session.refresh(assessment)
    return assessment


async def save_biomarkers(
    session: AsyncSession, assessment_id: UUID, rows: list[dict[str, Any]]
) -> list[BiomarkerValue]:
    values = [BiomarkerValue(assessment_id=assessment_id, **row) for row in rows]
    session.add_all(values)
    await session.flush()
    return values


async def store_examination(session: AsyncSession, order: Examination) -> Assessment:
    assessment = await create_assessment(session, order)
    session.add_all(PipelineStage(assessment_id=assessment.id, **row) for row in order.stages)
    await save_biomarkers(session, assessment.id, order.biomarkers)
    session.add(CardiologyResult(assessment_id=assessment.id, **order.result))
    assessment.status = "completed"
    assessment.completed_at = datetime.now(UTC)
    await session.flush()
    return assessment


async def get_user_assessments(
    session: AsyncSession, user_id: UUID, limit: int
) -> list[Assessment]:
    rows = await session.execute(
        select(Assessment)
        .where(Assessment.user_id == user_id, Assessment.deleted_at.is_(None))
        .order_by(Assessment.created_at.desc())
        .limit(limit)
    )
    return list(rows.scalars().all())


async def get_user_biomarker_history(
    session: AsyncSession, user_id: UUID, name: str, days: int
) -> list[BiomarkerValue]:
    rows = await session.execute(
        select(BiomarkerValue)
        .join(Assessment)
        .where(
            Assessment.user_id == user_id,
            Assessment.deleted_at.is_(None),
            BiomarkerValue.biomarker_name == name,
            BiomarkerValue.created_at >= datetime.now(UTC) - timedelta(days=days),
        )
        .order_by(BiomarkerValue.created_at)
    )
    return list(rows.scalars().all())


async def get_assessment_statistics(
    session: AsyncSession, user_id: UUID, days: int
) -> StatisticsOut:
    figures = await session.execute(
        select(
            func.count(Assessment.id),
            func.avg(Assessment.risk_score),
            func.avg(Assessment.confidence),
            func.avg(Assessment.processing_time_ms),
        ).where(
            Assessment.user_id == user_id,
            Assessment.deleted_at.is_(None),
            Assessment.created_at >= datetime.now(UTC) - timedelta(days=days),
        )
    )
    total, risk, confidence, time_ms = figures.one()
    return StatisticsOut(
        total=total,
        avg_risk_score=risk,
        avg_confidence=confidence,
        avg_processing_time_ms=time_ms,
    )


# The rows of the design measured, in this one's shape.
COPY = (
    f"""
INSERT INTO {SCHEMA}.assessments (id, session_id, user_id, organization_id, pipeline_type,
    pipeline_version, risk_score, risk_level, confidence, status, processing_time_ms,
    quality_score, requires_review, results, created_at, completed_at)
SELECT id, session_id, user_id, organization_id, pipeline, pipeline_version, risk_score, risk_level,
    confidence, status, processing_time_ms, quality_score, requires_review, '{{}}', created_at,
    completed_at
FROM public.assessments ORDER BY created_at
""",
    f"""
INSERT INTO {SCHEMA}.biomarker_values (id, assessment_id, biomarker_name, biomarker_category, value,
    unit, normal_range_min, normal_range_max, status, confidence, created_at)
SELECT gen_random_uuid(), v.assessment_id, b.name, b.category, v.value::numeric(12, 6), b.unit,
    v.normal_range_min, v.normal_range_max, v.status, v.confidence, v.measured_at
FROM public.biomarker_values v JOIN public.biomarkers b ON b.id = v.biomarker_id
""",
)


async def copy_rows(superuser_url: str) -> None:
    """Make these tables hold what ours hold; keys and indexes are built afterwards."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # untyped there
    connection = await asyncpg.connect(superuser_url, command_timeout=None)
    try:
        await connection.execute("SET session_replication_role = replica; SET jit = off")
        await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
        for table in Base.metadata.sorted_tables:
            await connection.execute(str(CreateTable(table).compile(dialect=dialect)))
        await connection.execute(
            f"ALTER TABLE {SCHEMA}.biomarker_values DROP CONSTRAINT biomarker_values_pkey"
        )
        for statement in COPY:
            await connection.execute(statement)
        await connection.execute(f"ALTER TABLE {SCHEMA}.biomarker_values ADD PRIMARY KEY (id)")
        for table in Base.metadata.sorted_tables:
            for index in table.indexes:
                await connection.execute(str(CreateIndex(index).compile(dialect=dialect)))
            await connection.execute(f"VACUUM (ANALYZE) {SCHEMA}.{table.name}")
    finally:
        await connection.close()
