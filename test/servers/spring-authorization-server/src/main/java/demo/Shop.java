package demo;

import static org.springframework.security.oauth2.server.authorization.OAuth2TokenType.ACCESS_TOKEN;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2TokenExchangeAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;

/**
 * The shop of latchkey's demo: an app, its services, and which API each token is for. Spring Authorization Server takes "resource"
 * and "audience" and leaves it to its operator what they mean.
 */
final class Shop {
  static final String ORDERS = "https://orders.example.com";
  static final String PAYMENTS = "https://payments.example.com";
  static final String INVENTORY = "https://inventory.example.com";
  static final String KEYS = "http://localhost:5191/orders-service/jwks";

  static final Set<String> USER_SCOPES = Set.of("openid", "orders:read", "stock:read", "payments:read");

  private Shop() {}

  static List<RegisteredClient> clients() {
    return List.of(
        app("shop-app", 60),
        app("shop-app-brief", 1),
        service("orders-service", Set.of("stock:read", "stock:report"))
            .clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
            .clientSettings(
                ClientSettings.builder()
                    .jwkSetUrl(KEYS)
                    .tokenEndpointAuthenticationSigningAlgorithm(SignatureAlgorithm.ES256)
                    .build())
            .build(),
        service("payments-service", Set.of("payments:read"))
            .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
            .clientSecret("{noop}payments-secret")
            .build(),
        service(INVENTORY, Set.of())
            .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
            .clientSecret("{noop}inventory-secret")
            .build(),
        service("partner-service", Set.of("orders:read"))
            .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
            .clientSecret("{noop}partner-secret")
            .build());
  }

  private static RegisteredClient app(String id, int seconds) {
    return RegisteredClient.from(Server.client(id, false))
        .scopes(scopes -> scopes.addAll(USER_SCOPES))
        .tokenSettings(TokenSettings.builder().accessTokenTimeToLive(Duration.ofSeconds(seconds)).build())
        .build();
  }

  private static RegisteredClient.Builder service(String id, Set<String> allowed) {
    return RegisteredClient.withId(id)
        .clientId(id)
        .authorizationGrantTypes(
            types ->
                types.addAll(Set.of(AuthorizationGrantType.CLIENT_CREDENTIALS, AuthorizationGrantType.TOKEN_EXCHANGE)))
        .scopes(scopes -> scopes.addAll(allowed))
        .tokenSettings(TokenSettings.builder().accessTokenTimeToLive(Duration.ofSeconds(60)).build());
  }

  /** Makes access tokens what RFC 9068 says, each for the APIs that its client calls. */
  static void describe(JwtEncodingContext context) {
    var client = context.getRegisteredClient().getClientId();
    // The userinfo endpoint of this server refuses a token of the type "at+jwt": the app of the other tests calls it.
    if (!ACCESS_TOKEN.equals(context.getTokenType()) || client.startsWith("spa")) return;
    context.getJwsHeader().type("at+jwt");
    context.getClaims().claim("client_id", client).audience(audience(client, context.getAuthorizationGrant()));
  }

  private static List<String> audience(String client, Object grant) {
    var own =
        switch (client) {
          case "shop-app", "shop-app-brief" -> List.of(ORDERS, PAYMENTS);
          // The partner, too: to see what the server itself says to a token that is not for it.
          case "orders-service", "partner-service" -> List.of(INVENTORY);
          default -> List.of(client);
        };
    if (grant instanceof OAuth2TokenExchangeAuthenticationToken exchange) {
      var asked = exchange.getResources().isEmpty() ? exchange.getAudiences() : exchange.getResources();
      if (!own.containsAll(asked)) throw new OAuth2AuthenticationException("invalid_target");
    }
    return own;
  }
}
