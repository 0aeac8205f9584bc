"""What records are taken away as, beside the stored JSON: tables and linked data. Pure functions of documents."""
