"""Every query, one noun a file.

A repository takes the connection of the request's transaction (`shared.database.transaction`) and
never begins, commits or filters by organization on its own account: the policies of the database
do. What was deleted is left out here, in one place.
"""
