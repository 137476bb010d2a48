"""Speed, as ratios measured in one run against what it is compared with (`make bench`)."""
