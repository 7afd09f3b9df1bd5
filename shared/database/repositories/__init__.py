"""Every query, one noun a file.

A repository takes the connection of the request's transaction (`shared.database.transaction`) and
never begins or commits. Who may see a row is for the policies of the database to say; where a
statement names the organization too, it is for an index to lead with it, not for safety. Each
statement says itself whether what was deleted counts. In lists, statistics, histories, pictures
and uploads it does not; one assessment by its id or its idempotency key is found deleted too, and
its caller decides what to make of that.
"""
