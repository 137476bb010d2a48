"""The leaderboard: systems side by side, with intervals and tests."""
