"""Which columns are encrypted: what identifies a person, and free text about one."""

# A test goes through the catalog: every other column of text is listed there with its reason.
ENCRYPTED: dict[str, tuple[str, ...]] = {
    "users": ("email", "username", "first_name", "last_name", "phone", "address"),
    "user_profiles": ("ethnicity", "medical_history", "medications", "allergies"),
    "person_identifiers": ("value",),
    "invitations": ("email",),
    "assessments": ("review_note",),
    "sign_offs": ("note",),
    "merges": ("reason",),
    "moves": ("reason",),
    "user_roles": ("reason", "revocation_reason"),
    "chat_threads": ("title", "context"),
    "chat_messages": ("content", "sources"),
    "ai_explanations": ("explanation_text",),
}

# Columns of JSON hold a string of JSON, the envelope, where they are encrypted.
JSON_COLUMNS = {
    ("users", "address"),
    *(("user_profiles", column) for column in ("medical_history", "medications", "allergies")),
    ("chat_threads", "context"),
    ("chat_messages", "sources"),
}

# Whose key a row's columns are encrypted with, where no column `user_id` says it.
PERSON_COLUMNS = {"users": "id", "invitations": None}
