"""Tools for those who set up, build and check the course. No notebook imports them."""

import sys

# nbformat imports jsonschema, which builds a grammar of international addresses if this package is there: two seconds for
# what no notebook's schema asks. jsonschema does without it.
sys.modules.setdefault("rfc3987_syntax", None)
