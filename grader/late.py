"""What lateness costs: nothing within a grace period, then a share of the score for each day begun.

An instructor sets it in the class's nbgrader_config.py:

    c.LatePolicy.grace_minutes = 30
    c.LatePolicy.penalty_per_day = 0.1  # a tenth of the score for each day begun
    c.LatePolicy.most = 0.5  # but never more than half of it
"""

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float

DAY = 24 * 3600


class LatePolicy(LateSubmissionPlugin):
    """nbgrader's late-submission plugin, with a grace period and a penalty per day. By default lateness costs nothing."""

    grace_minutes = Float(0.0, min=0.0, help="Minutes after the due date that still count as in time.").tag(config=True)
    penalty_per_day = Float(0.0, min=0.0, max=1.0, help="Share of the score for each day begun.").tag(config=True)
    most = Float(1.0, min=0.0, max=1.0, help="The largest share that lateness takes.").tag(config=True)

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        """The points that this lateness takes, or None. total_seconds_late: since the due date, grace not deducted."""
        late = total_seconds_late - 60 * self.grace_minutes
        if late <= 0 or not self.penalty_per_day:
            return None
        share = min(self.most, self.penalty_per_day * math.ceil(late / DAY))
        return round(share * score, 6)
