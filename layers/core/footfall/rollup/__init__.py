"""Stage 3: what is done on a schedule, over what arrived since the last run.

run.py        the run: what changed is settled, rolled up, cleaned up after
on_demand.py  the run that a person asks for, of days that they name
doctor.py     whether what is rolled up is what is stored
"""
