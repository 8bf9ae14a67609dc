"""Customer accounts out of a file (docs/import-customers.md): read (`source`), checked (`rows`), written (`run`)."""
