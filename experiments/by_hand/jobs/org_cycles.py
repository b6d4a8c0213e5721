"""Departments and their people as objects that know each other: each batch builds, promotes and drops them; only the cycle
collector frees them."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 6_000, "cycles_in_bulk", "objects", False, True


def run(job):
    class Person:
        def __init__(self, number, department):
            self.number, self.department, self.peers = number, department, []
            self.review = f"person {number:07d} of {department.number}: " + "x" * 2600
            self.salary = 40_000 + number * 7919 % 60_000

    class Department:
        def __init__(self, number):
            self.number = number
            self.people = [Person(number * 100 + k, self) for k in range(70)]
            for left, right in zip(self.people, self.people[1:]):
                left.peers.append(right)
                right.peers.append(left)
            self.head = self.people[0]

    budget = 0

    def work(start, n):
        nonlocal budget
        departments = [Department(number) for number in range(start, start + n)]
        for department in departments:
            department.head = max(department.people, key=lambda person: person.salary)
            for person in department.people:
                person.salary += 200 * len(person.peers)
                budget += person.salary
        job.wait(0.0006 * n)
        budget += sum(len(department.head.review) for department in departments)

    with job.stage("reorganise"):
        job.batches("reorganise", 0, TOTAL, work)
    assert budget
