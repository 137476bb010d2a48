"""What packages of others find, called so that a test does not wait for them."""

import gc
from collections.abc import Sequence
from unittest.mock import patch

from statsmodels.stats.multitest import multipletests


def holm_of_statsmodels(p: Sequence[float]) -> list[float]:
    """Holm's corrected p; statsmodels collects garbage at each call, here minutes in all."""
    with patch.object(gc, "collect"):
        return [float(one) for one in multipletests(p, method="holm")[1]]
