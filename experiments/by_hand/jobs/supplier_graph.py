"""A graph of suppliers in networkx that grows with each batch and is analysed at the end (kept on purpose, not declared);
names are matched against a register by a matrix of similarities."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "growing_graph", "networkx", False, False
EDGES = 8


def run(job):
    import sys

    import networkx as nx
    import numpy as np

    graph, rng = nx.Graph(), np.random.default_rng(2)
    register = rng.standard_normal((9_000, 48), dtype=np.float32)

    def work(start, n):
        rng = np.random.default_rng(start)
        names = rng.standard_normal((n, 48), dtype=np.float32)
        near = names @ register.T
        order = np.exp(near - near.max(axis=1, keepdims=True))
        best = order.argmax(axis=1)
        job.wait(0.0006 * n)
        partners = (rng.random((n, EDGES)) * (start + n)).astype(int)
        for k in range(n):
            number = start + k
            graph.add_node(number, name=f"supplier {number}", register=int(best[k]))
            job.kept(sys.getsizeof(graph.nodes[number]) + 64 + 600)
            for partner in partners[k]:
                if not graph.has_edge(number, int(partner)):
                    graph.add_edge(number, int(partner), share=float(order[k, partner % 9_000]), since=2_000 + int(partner) % 25)
                    job.kept(sys.getsizeof(graph.edges[number, int(partner)]) + 24 + 2 * 90)

    with job.stage("graph"):
        job.batches("graph", 0, TOTAL, work)
    with job.outside("analysis"):
        components = nx.number_connected_components(graph)
        ranks = nx.pagerank(graph, max_iter=30, tol=1e-4)
        job.wait(0.4)
    assert components and ranks
