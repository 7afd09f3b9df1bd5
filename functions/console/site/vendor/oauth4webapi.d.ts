// What the console uses of oauth4webapi, and `make vendored` keeps.
export type Provider = {issuer: string, authorization_endpoint?: string, end_session_endpoint?: string};
export type Client = {client_id: string};
export type Tokens = {access_token: string, refresh_token?: string, id_token?: string, expires_in?: number};
export type Authentication = (...given: any[]) => void;
export type Options = Record<symbol, boolean>;
export const allowInsecureRequests: unique symbol;
export function None(): Authentication;
export function generateRandomCodeVerifier(): string;
export function generateRandomState(): string;
export function generateRandomNonce(): string;
export function calculatePKCECodeChallenge(verifier: string): Promise<string>;
export function discoveryRequest(issuer: URL, options?: Options): Promise<Response>;
export function processDiscoveryResponse(issuer: URL, answer: Response): Promise<Provider>;
export function validateAuthResponse(provider: Provider, client: Client, parameters: URLSearchParams, state: string): URLSearchParams;
export function authorizationCodeGrantRequest(
  provider: Provider, client: Client, as: Authentication, checked: URLSearchParams, redirect: string, verifier: string, options?: Options): Promise<Response>;
export function processAuthorizationCodeResponse(
  provider: Provider, client: Client, answer: Response, expected: {expectedNonce: string, requireIdToken: boolean}): Promise<Tokens>;
export function refreshTokenGrantRequest(
  provider: Provider, client: Client, as: Authentication, token: string, options?: Options): Promise<Response>;
export function processRefreshTokenResponse(provider: Provider, client: Client, answer: Response): Promise<Tokens>;
