"""Speed, as ratios to a bare baseline measured in the same run; `python3 run.py bench` prints the table."""
