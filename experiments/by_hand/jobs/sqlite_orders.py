"""Orders through SQLAlchemy into SQLite in memory: each batch goes to a temporary table, is joined and aggregated into the
daily totals, and the temporary table is dropped."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 5_000, "temp_tables_dropped", "sqlite", False, False


def run(job):
    import sqlalchemy as sa

    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    meta = sa.MetaData()
    sa.Table("totals", meta, sa.Column("day", sa.Integer), sa.Column("customer", sa.Integer), sa.Column("cents", sa.Integer))
    incoming = sa.Table("incoming", meta, sa.Column("number", sa.Integer), sa.Column("customer", sa.Integer), sa.Column("day", sa.Integer),
                        sa.Column("cents", sa.Integer), sa.Column("note", sa.Text), prefixes=["TEMPORARY"])
    meta.create_all(engine, tables=[meta.tables["totals"]])

    def work(start, n):
        rows = [{"number": number, "customer": number % 700, "day": (number + k) % 365, "cents": number * k % 9_973, "note": f"order {number} line {k} " + "n" * 1_800}
                for number in range(start, start + n) for k in range(36)]
        with engine.begin() as link:
            incoming.create(link)
            link.execute(sa.insert(incoming), rows)
            link.execute(sa.text("INSERT INTO totals SELECT day, customer, sum(cents) FROM incoming GROUP BY day / 30, customer % 50"))
            found = link.execute(sa.select(incoming).where(incoming.c.cents > 4_000).order_by(incoming.c.cents)).all()
            assert found
            incoming.drop(link)
        job.wait(0.0006 * n)

    with job.stage("orders"):
        job.batches("orders", 0, TOTAL, work)
    with job.outside("report"), engine.connect() as link:
        link.execute(sa.text("SELECT day, sum(cents) FROM totals GROUP BY day")).all()
