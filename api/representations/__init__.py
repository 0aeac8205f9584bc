"""What records are taken away as, beside the JSON that is stored: tables and linked data. Pure functions of documents."""
