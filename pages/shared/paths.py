"""Where each page's script stands, below the folder of `pages/main.py`: for links between pages."""

HOME = "home/page.py"

ANNOTATE = "annotate/page.py"
INSPECT_OUTPUTS = "inspect_outputs/page.py"
LIVE = "live/page.py"

RESULTS = "results/page.py"
LEADERBOARD = "leaderboard/page.py"
ANALYSES = "analyses/page.py"
EXPERIMENTS = "experiments/page.py"
SCORES = "scores/page.py"
REPRODUCTION = "reproduction/page.py"

IMPORT_OUTPUTS = "import_outputs/page.py"
RUNS = "runs/page.py"
STUDIES = "studies/page.py"
JUDGE = "judge/page.py"

AUGMENT = "augment/page.py"
SEQ_INSTRUCT = "seq_instruct/page.py"
TRAIN = "train/page.py"
JOBS = "jobs/page.py"
