-- What was stored before there were rollups is noted as changed, so that the first runs roll it up.
-- A UTC day touches the local days around it; sessions reach one day further.
INSERT INTO changes (site_id, change_id, windows)
SELECT site_id, sipHash64(site_id, toYYYYMM(day)), arrayDistinct(groupArrayArray([day - 2, day - 1, day, day + 1, day + 2, toDate(0)]))
FROM (SELECT DISTINCT site_id, day FROM events FINAL WHERE day > '1970-01-07')
GROUP BY site_id, toYYYYMM(day)
