package dev.muster.identity;

import dev.muster.platform.id.Ids;
import dev.muster.platform.testing.MovedClock;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** API tokens on a real database, with a clock that the test moves, and without the rest of the server. */
final class TokenFixture {
    static final int BURST = 20;
    static final String ADDRESS = "192.0.2.1";

    final MovedClock clock = new MovedClock();
    final FailureLimit failures = new FailureLimit(BURST, 100);
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final List<String> changes = new ArrayList<>();
    final JdbcClient jdbc;
    final TransactionTemplate transactions;
    final ApiTokenStore store;
    final Authenticator authenticator;
    final ApiTokens tokens;

    TokenFixture() {
        DataSource database = TestDatabase.fresh();
        jdbc = JdbcClient.create(database);
        transactions = new TransactionTemplate(new JdbcTransactionManager(database));
        store = new ApiTokenStore(jdbc);
        authenticator = new Authenticator(store, failures, meters, clock);
        tokens = new ApiTokens(
                store, authenticator, new PlainScopes(), new Heard(), new Ids(clock, new Random(1)), clock);
    }

    ApiTokens.Created create(Actor by, String name, Role role, Scope scope, @Nullable Instant expiresAt) {
        ApiTokens.Created created = transactions.execute(status -> tokens.create(by, name, role, scope, expiresAt));
        if (created == null) {
            throw new AssertionError("a transaction that returns a token returned none");
        }
        return created;
    }

    ApiTokens.Created viewer(String name) {
        return create(Actor.SYSTEM, name, Role.VIEWER, Scope.ALL, null);
    }

    void revoke(Actor by, ApiToken token) {
        transactions.executeWithoutResult(status -> tokens.revoke(by, token.id()));
    }

    Authentication authenticate(TokenSecret secret) {
        return authenticator.authenticate(secret.reveal(), ADDRESS);
    }

    private static final class PlainScopes implements ScopeFilter {
        @Override
        public Set<AssetId> visible(Scope scope, Collection<AssetId> assets) {
            throw new AssertionError("tokens are no assets");
        }

        @Override
        public Optional<String> problem(String selector) {
            return selector.startsWith("asset.") ? Optional.empty() : Optional.of("it does not speak of an asset");
        }
    }

    private final class Heard implements TokenChanges {
        @Override
        public void created(Actor by, ApiToken token) {
            changes.add(by + " created " + token.name());
        }

        @Override
        public void revoked(Actor by, ApiToken before, ApiToken after) {
            changes.add(by + " revoked " + after.name());
        }

        @Override
        public void loggedIn(Actor by, ApiToken token) {
            changes.add(by + " logged in with " + token.name());
        }

        @Override
        public void loggedOut(Actor by, ApiToken token, int sessions) {
            changes.add(by + " ended " + sessions + " logins of " + token.name());
        }
    }
}
