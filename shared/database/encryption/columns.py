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
    "break_glass_grants": ("reason", "review_note"),
    "audit_questions": ("question", "answer"),
    "legal_holds": ("reason",),
    "outgoing_secrets": ("secret",),
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

# Whose key a row's columns are encrypted with, where it is not that of the column `user_id`: the
# organization's where the writer does not reach a person, or nobody knows yet who it will be.
PERSON_COLUMNS = {
    "users": "id",
    "invitations": None,
    "break_glass_grants": None,
    "outgoing_secrets": None,
}
