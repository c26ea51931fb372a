"""Is this machine ready for the course? `python -m helpers.preflight`, with --json for a report to send."""

import sys

sys.dont_write_bytecode = True  # the check leaves nothing behind

from helpers.preflight.report import main  # noqa: E402

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped before the end; run it again.")
        sys.exit(130)
