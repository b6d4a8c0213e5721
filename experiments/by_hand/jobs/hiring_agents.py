"""Hires as agents of a simpy simulation: each is promoted, changes units and leaves. Who leaves waits for an exit interview that nobody holds:
the event stays in a register, and with it the agent and the log of its career (a leak). Who stays is kept. It waits for a (pretended) log."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN, LENGTH = 18_000, "agents_never_end", "simpy", True, False, "long"


def run(job):
    import random
    import sys

    import simpy

    class Agent:
        def __init__(self, number):
            self.number, self.level, self.unit, self.log = number, 1, number % 90, []

        def note(self, month, what):
            entry = (month, f"{what} of agent {self.number:06d} in unit {self.unit:03d} at level {self.level}")
            self.log.append(entry)
            job.kept(self.size(entry))

        @staticmethod
        def size(entry):
            # With the number of the month, its place in the list and what the collector keeps of a tuple.
            return sys.getsizeof(entry) + 16 + 32 + sys.getsizeof(entry[1]) + 9

    # The agent, its log, its random numbers, the process with its frame, and the event that it waits for.
    base = sys.getsizeof(Agent(0)) + 300 + sys.getsizeof(random.Random()) + 500 + 200
    world, interviews = simpy.Environment(), {}
    staff = {"active": 0, "left": 0}

    def career(agent):
        rng = random.Random(agent.number)
        staff["active"] += 1
        job.kept(base)
        ends = world.now + rng.expovariate(1 / 55.0)
        while world.now < ends:
            yield world.timeout(rng.uniform(1.0, 5.0))
            if rng.random() < 0.06:
                agent.level += 1
            if rng.random() < 0.1:
                agent.unit = rng.randrange(90)
            agent.note(world.now, rng.choice(("review", "training", "new task", "absence")) + f" after talk {rng.randrange(10 ** 9):09d} and plan {rng.randrange(10 ** 12):012d}")
        staff["active"] -= 1
        staff["left"] += 1
        whole = base + sum(agent.size(entry) for entry in agent.log)
        job.kept(-whole)
        job.leaked(whole)
        interviews[agent.number] = world.event()
        yield interviews[agent.number]

    def work(start, n):
        agents = [Agent(number) for number in range(start, start + n)]
        # The applications that the hires were chosen from.
        drafts = [[f"application {k} for place {agent.number} " + "." * 1_500 for k in range(24)] for agent in agents]
        job.wait(0.0014 * n)
        for agent in agents:
            world.process(career(agent))
        drafts.clear()
        world.run(until=world.now + n * 0.012)
        job.wait(0.0014 * n)

    with job.stage("years"):
        job.batches("hire", 0, TOTAL, work)
    assert staff["active"] + staff["left"] == TOTAL
