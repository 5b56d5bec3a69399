"""``python -m gateway.demo``: the demo's staff and crowd, as ``livelot up --demo`` runs them."""

from gateway.demo.program import main

raise SystemExit(main())
