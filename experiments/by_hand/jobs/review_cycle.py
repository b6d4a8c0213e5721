"""Reviews of employees go through SQLAlchemy's ORM into SQLite on the disk. The session's identity map is weak, but each review is
appended to the collection of its cycle, which the job holds: the session can let go of none of them (a leak)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 4_200, "identity_map_pinned", "sqlalchemy", True, False


def run(job):
    import random
    import sys

    import sqlalchemy as sa
    from sqlalchemy import orm

    class Base(orm.DeclarativeBase):
        pass

    class Cycle(Base):
        __tablename__ = "cycle"
        key: orm.Mapped[int] = orm.mapped_column(primary_key=True)
        title: orm.Mapped[str]
        reviews: orm.Mapped[list["Review"]] = orm.relationship(back_populates="cycle")

    class Review(Base):
        __tablename__ = "review"
        key: orm.Mapped[int] = orm.mapped_column(primary_key=True)
        cycle_key: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("cycle.key"))
        employee: orm.Mapped[int]
        score: orm.Mapped[int]
        text: orm.Mapped[str]
        cycle: orm.Mapped[Cycle] = orm.relationship(back_populates="reviews")

    Base.registry.configure()
    engine = sa.create_engine("sqlite:///reviews.db")
    Base.metadata.create_all(engine)
    session = orm.Session(engine, expire_on_commit=False)
    cycle = Cycle(title="2026")
    session.add(cycle)
    session.commit()

    def size(review):
        fields = vars(review)
        state = fields["_sa_instance_state"]
        # The object, its state with the state's own dictionaries and references, the key in the identity map.
        own = sum(sys.getsizeof(part) for part in (review, fields, state, vars(state), review.text, state.key, state.obj))
        return own + sys.getsizeof(state.key[1]) + 32 + sys.getsizeof(state.committed_state) + 110

    words = [f"word{k}" for k in range(3_070)]

    def text(rng):
        return f"{rng.random()} " + " ".join(words[rng.randrange(3_000):][:70]) * 14

    def work(start, n):
        rng = random.Random(start)
        fresh = [Review(employee=number, score=rng.randrange(1, 6), text=text(rng)) for number in range(start, start + n) for _ in range(3)]
        cycle.reviews.extend(fresh)
        session.commit()
        job.leaked(sum(size(review) for review in fresh))
        low = sa.select(Review.employee, sa.func.avg(Review.score)).where(Review.employee >= start).group_by(Review.employee)
        assert len(session.execute(low).all()) == n
        job.wait(0.0015 * n)

    with job.stage("reviews"):
        job.batches("reviews", 0, TOTAL, work)
    session.close()
