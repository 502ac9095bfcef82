"""What a class understood, and what it did not: read from what grading has left behind, and nothing is run again.

`of_stage(classroom, stage)` gathers it all; `terminal`, `page` and `tables` show it.
"""

from dataclasses import dataclass

from grader.insight import clusters, items, mistakes, similarity
from grader.insight.gather import gather


@dataclass(frozen=True)
class Insight:
    """One stage of one class. Every part has its own file here, and says there how it is computed."""

    stage: str
    maximum: float
    submissions: list  # gather.Submission, by student
    items: list  # items.Item, in the order of the stage
    mistakes: dict  # exercise -> mistakes.Tally
    clusters: dict  # exercise -> [clusters.Cluster], the largest first
    groups: list  # groups.Group, the largest first
    pairs: list  # similarity.Pair, the most alike first; none within a group
    published: list  # similarity.Pair of a submission and the published solution

    @property
    def graded(self):
        return [one for one in self.submissions if one.points is not None]

    @property
    def waiting(self):
        """Those who need a person: (student, why), by student."""
        return [(one.student, one.reason) for one in self.submissions if one.reason]


def of_stage(classroom, stage):
    """The Insight into one stage of a class. Raises BadInput where the stage was never released or handed in."""
    seen = gather(classroom, stage)
    judged = [one for one in seen.submissions if one.judged]
    sources = {one.student: one.parts for one in judged}
    return Insight(
        stage,
        seen.maximum,
        seen.submissions,
        items.items([one for one in seen.submissions if one.points is not None], seen.maxima),
        {name: mistakes.tally(name, judged) for name in seen.exercises},
        {name: clusters.clusters(name, judged) for name in seen.exercises},
        *similarity.alike(sources, seen.given),
        similarity.to_published(sources, seen.given, seen.solution),
    )
