"""Who reports to whom, as graphs in networkx: each batch of companies is checked for circles, spans and layers. A graph whose edges have been
looked at refers to itself by its own view, so that the matrix of its tasks that hangs on it waits for the cycle collector."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 3_000, "graphs_wait_for_collector", "networkx", False, True
PEOPLE, TASKS = 24, 130


def run(job):
    import networkx as nx
    import numpy as np

    def chart(rng):
        graph = nx.DiGraph()
        bosses = (rng.random(PEOPLE) * np.arange(PEOPLE)).astype(int)
        graph.add_edges_from((person, int(bosses[person])) for person in range(1, PEOPLE))
        if rng.random() < 0.3:
            # A dotted line upwards closes a circle.
            graph.add_edge(int(bosses[PEOPLE - 1]), PEOPLE - 1)
        graph.graph["tasks"] = np.abs(rng.standard_normal((TASKS, TASKS)))
        job.truth.garbage += graph.graph["tasks"].nbytes
        return graph

    circles, spans = 0, []

    def work(start, n):
        nonlocal circles
        rng = np.random.default_rng(start)
        graphs = [chart(rng) for _ in range(n)]
        for graph in graphs:
            circles += any(graph.has_edge(boss, person) for person, boss in graph.edges)
            spans.append(max(degree for _, degree in graph.in_degree))
        job.wait(0.002 * n)

    with job.stage("charts"):
        job.batches("charts", 0, TOTAL, work)
    assert circles and len(spans) == TOTAL
