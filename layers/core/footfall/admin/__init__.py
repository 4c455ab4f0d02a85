"""Sites and their keys: made, shown, changed and removed over HTTP. What they are stands in registry/.

body    what a request may say, checked
sites   POST, GET, PATCH, DELETE of sites
keys    POST, GET, DELETE of a site's keys
zone    a site's days after its zone was changed
"""
