// What the console uses of oauth4webapi: `make vendored` leaves the rest out.
export {
  None, allowInsecureRequests, authorizationCodeGrantRequest, calculatePKCECodeChallenge, discoveryRequest, generateRandomCodeVerifier,
  generateRandomNonce, generateRandomState, processAuthorizationCodeResponse, processDiscoveryResponse, processRefreshTokenResponse,
  refreshTokenGrantRequest, validateAuthResponse,
} from "oauth4webapi";
