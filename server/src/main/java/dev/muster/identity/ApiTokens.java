package dev.muster.identity;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.id.Ids;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Creates, lists and revokes API tokens; nobody hands on more than they have. */
@Component
public class ApiTokens {
    public static final int MAX_USABLE = 10_000;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

    private final ApiTokenStore store;
    private final Authenticator authenticator;
    private final ScopeFilter scopes;
    private final TokenChanges changes;
    private final Ids ids;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    ApiTokens(
            ApiTokenStore store,
            Authenticator authenticator,
            ScopeFilter scopes,
            TokenChanges changes,
            Ids ids,
            Clock clock) {
        this.store = store;
        this.authenticator = authenticator;
        this.scopes = scopes;
        this.changes = changes;
        this.ids = ids;
        this.clock = clock;
    }

    /** A new token and its secret, which is shown this once. */
    public record Created(ApiToken token, TokenSecret secret) {}

    @Transactional
    public Created create(Actor actor, String name, Role role, Scope scope, @Nullable Instant expiresAt) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        if (!NAME.matcher(name).matches()) {
            throw invalid(
                    "token name must be of the form " + NAME + ", found " + name.length() + " characters that are not");
        }
        if (expiresAt != null && !expiresAt.isAfter(now)) {
            throw invalid("token %s cannot expire at %s: that is not after now, %s".formatted(name, expiresAt, now));
        }
        Optional<String> problem = Optional.ofNullable(scope.selector()).flatMap(scopes::problem);
        if (problem.isPresent()) {
            throw invalid("token %s cannot have the scope \"%s\": %s".formatted(name, scope.selector(), problem.get()));
        }
        requireNoMoreThanOwn(actor, name, role, scope, expiresAt);
        if (store.countUsable(now) >= MAX_USABLE) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "token %s cannot be created: %d tokens are usable, which is the most; revoke some"
                            .formatted(name, MAX_USABLE));
        }
        TokenSecret secret = TokenSecret.random(random);
        ApiToken token =
                new ApiToken(ids.next(), name, role, scope, micros(expiresAt), now, actor.id(), null, null, null);
        if (!store.insert(token, secret.hash())) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "token %s cannot be created: a token of this name exists or existed, and the audit trail names actors by it; choose another name"
                            .formatted(name));
        }
        changes.created(actor, token);
        return new Created(token, secret);
    }

    /** Tokens that the actor could have created as to their scope: all, or those of exactly its own. */
    @Transactional(readOnly = true)
    public Page<ApiToken> list(Actor actor, boolean withRevoked, PageRequest page) {
        Scope scope = actor.scope().isAll() ? null : actor.scope();
        return Page.of(store.list(scope, withRevoked, page.after(), page.fetch()), page, ApiToken::id);
    }

    /** From the moment that this returns the token opens nothing on this server; on another one after a second at most. */
    @Transactional
    public void revoke(Actor actor, String id) {
        ApiToken token = store.lock(id)
                .filter(found -> actor.scope().isAll() || actor.scope().equals(found.scope()))
                .orElseThrow(() -> new Refusal(ErrorCode.NOT_FOUND, "there is no token with the id " + shown(id)));
        if (token.revokedAt() != null) {
            return;
        }
        ApiToken revoked = token.revoked(clock.instant().truncatedTo(ChronoUnit.MICROS), actor);
        store.revoke(revoked);
        changes.revoked(actor, token, revoked);
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                authenticator.forgetAll();
            }
        });
    }

    /** The token when it opens anything now. */
    public Optional<ApiToken> usable(String id, Instant now) {
        return store.find(id).filter(token -> token.isUsable(now));
    }

    /** Why the actor's rights have ended since it began something, as the end of a sentence; empty while they go on. */
    public Optional<String> ended(Actor actor, Instant now) {
        if (actor.kind() != ActorKind.TOKEN) {
            return Optional.empty();
        }
        Optional<ApiToken> token = store.findByName(actor.id());
        if (token.isEmpty()) {
            return Optional.of("its token " + actor.id() + " is gone");
        }
        if (token.get().revokedAt() != null) {
            return Optional.of(
                    "its token " + actor.id() + " was revoked by " + token.get().revokedBy());
        }
        return token.filter(held -> !held.isUsable(now))
                .map(held -> "its token " + actor.id() + " ended at " + held.expiresAt());
    }

    public Optional<ApiToken> named(String name) {
        return store.findByName(name);
    }

    private void requireNoMoreThanOwn(Actor actor, String name, Role role, Scope scope, @Nullable Instant expiresAt) {
        if (!actor.role().includes(role)) {
            throw forbidden(
                    name,
                    "with the role " + role.wire(),
                    "the role " + actor.role().wire());
        }
        if (!actor.scope().isAll() && !actor.scope().equals(scope)) {
            throw forbidden(name, "for " + scope, "exactly " + actor.scope());
        }
        Instant own = actor.kind() == ActorKind.TOKEN
                ? store.findByName(actor.id()).map(ApiToken::expiresAt).orElse(null)
                : null;
        if (own != null && (expiresAt == null || expiresAt.isAfter(own))) {
            throw forbidden(
                    name, expiresAt == null ? "that never expires" : "until " + expiresAt, "rights until " + own);
        }
    }

    private static Refusal forbidden(String name, String wanted, String own) {
        return new Refusal(
                ErrorCode.FORBIDDEN,
                "token %s cannot be created %s: the actor has %s and cannot give more than that"
                        .formatted(name, wanted, own));
    }

    private static Refusal invalid(String message) {
        return new Refusal(ErrorCode.INVALID, message);
    }

    private static String shown(String id) {
        String printable = id.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= 40 ? printable : printable.substring(0, 40) + "…";
    }

    private static @Nullable Instant micros(@Nullable Instant time) {
        return time == null ? null : time.truncatedTo(ChronoUnit.MICROS);
    }
}
