"""Entry points: `app` for Vercel and the laptop, `handler` for Lambda."""

from functions.accounts.break_glass.endpoints import router as break_glass
from functions.accounts.care_teams.endpoints import router as care_teams
from functions.accounts.consents.endpoints import router as consents
from functions.accounts.exports.endpoints import router as exports
from functions.accounts.invitations.endpoints import router as invitations
from functions.accounts.joining.endpoints import router as joining
from functions.accounts.keys.endpoints import router as keys
from functions.accounts.lifecycle.endpoints import router as lifecycle
from functions.accounts.me.endpoints import router as me
from functions.accounts.members.endpoints import router as members
from functions.accounts.merges.endpoints import router as merges
from functions.accounts.moves.endpoints import router as moves
from functions.accounts.organization.endpoints import router as organization
from functions.accounts.outgoing_webhooks.endpoints import router as webhooks
from functions.accounts.patients.endpoints import router as patients
from functions.accounts.webhook.endpoints import router as webhook
from shared.http.application import create_app
from shared.http.invocation import lambda_handler

app = create_app(
    "accounts",
    "People, what they agreed to, and what they may do",
    *(me, joining, patients, care_teams, break_glass, consents, members, invitations),
    *(lifecycle, exports, moves, merges, organization, keys, webhook, webhooks),
)
handler = lambda_handler(app)
