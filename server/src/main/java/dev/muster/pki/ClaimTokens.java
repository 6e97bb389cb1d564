package dev.muster.pki;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.pki.ClaimToken.Grants;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.asset.AssetRules;
import dev.muster.registry.type.AssetTypes;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionTemplate;

/** Creates, lists and revokes claim tokens. */
final class ClaimTokens {
    static final Duration MAX_LIFETIME = Duration.ofDays(366);
    static final int MAX_NAME = 100;

    private final ClaimTokenStore store;
    private final AssetTypes types;
    private final AuditLog audit;
    private final EventLog events;
    private final TransactionTemplate transaction;
    private final CertificateAuthority authority;
    private final Ids ids;
    private final SecureRandom random;
    private final Clock clock;

    ClaimTokens(
            ClaimTokenStore store,
            AssetTypes types,
            AuditLog audit,
            EventLog events,
            TransactionTemplate transaction,
            CertificateAuthority authority,
            Ids ids,
            SecureRandom random,
            Clock clock) {
        this.store = store;
        this.types = types;
        this.audit = audit;
        this.events = events;
        this.transaction = transaction;
        this.authority = authority;
        this.ids = ids;
        this.random = random;
        this.clock = clock;
    }

    /** @param text what an asset is given, shown this once */
    record Created(ClaimToken token, String text) {}

    Created create(
            Actor actor,
            String name,
            Grants grants,
            @Nullable String idPattern,
            int uses,
            Duration lifetime,
            boolean allowReenrol) {
        check(name, grants, idPattern, uses, lifetime);
        Instant now = now();
        ClaimToken token = new ClaimToken(
                ids.next(),
                name,
                grants,
                idPattern == null ? null : new IdPattern(idPattern),
                uses,
                0,
                allowReenrol,
                now.plus(lifetime),
                now,
                actor.id(),
                null,
                null);
        ClaimSecret secret = ClaimSecret.generate(random);
        transaction.executeWithoutResult(status -> {
            store.add(token, secret.hash());
            audit.record(actor, "claim-token.create", "claim-token", token.id(), null, shown(token));
            events.append("claim-token.created", "claim-token/" + token.id(), shown(token));
        });
        return new Created(token, secret.withPin(authority.rootPin()));
    }

    Page<ClaimToken> list(PageRequest page) {
        return Page.of(store.page(page.after(), page.fetch()), page, ClaimToken::id);
    }

    ClaimToken get(String id) {
        return store.find(id).orElseThrow(() -> notFound(id));
    }

    /** Certificates that were issued with it stay valid. */
    ClaimToken revoke(Actor actor, String id) {
        return Objects.requireNonNull(transaction.execute(status -> {
            ClaimToken before = get(id);
            if (store.revoke(id, now(), actor.id())) {
                ClaimToken after = get(id);
                audit.record(actor, "claim-token.revoke", "claim-token", id, shown(before), shown(after));
                events.append("claim-token.revoked", "claim-token/" + id, shown(after));
                return after;
            }
            return before;
        }));
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private void check(String name, Grants grants, @Nullable String idPattern, int uses, Duration lifetime) {
        List<FieldProblem> problems = new ArrayList<>();
        if (name.length() > MAX_NAME || name.chars().anyMatch(Character::isISOControl)) {
            problems.add(new FieldProblem(
                    "name", "must have at most " + MAX_NAME + " characters, none of them a control character"));
        }
        AssetRules.problems(ClaimedAssets.spec(grants))
                .forEach(problem -> problems.add(new FieldProblem(problem.path(), problem.message())));
        if (!grants.type().isEmpty() && types.find(grants.type()).isEmpty()) {
            problems.add(new FieldProblem(
                    "type", "\"" + grants.type() + "\" is not an asset type; GET /api/v1/asset-types lists the types"));
        }
        if (idPattern != null) {
            try {
                Object unused = new IdPattern(idPattern);
            } catch (IllegalArgumentException e) {
                problems.add(new FieldProblem("idPattern", String.valueOf(e.getMessage())));
            }
        }
        if (uses < 1 || uses > ClaimToken.MAX_USES) {
            problems.add(new FieldProblem("uses", "is " + uses + "; allowed is 1 to " + ClaimToken.MAX_USES));
        }
        if (lifetime.compareTo(Duration.ofMinutes(1)) < 0 || lifetime.compareTo(MAX_LIFETIME) > 0) {
            problems.add(new FieldProblem("expiresIn", "must be from 1m to " + MAX_LIFETIME.toDays() + "d"));
        }
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the claim token is not valid: " + problems.getFirst().field() + " "
                            + problems.getFirst().message(),
                    problems);
        }
    }

    /** For the audit trail and the event log: no secret, not even its hash. */
    private static Map<String, Object> shown(ClaimToken token) {
        return Map.of(
                "name", token.name(),
                "type", token.grants().type(),
                "labels", token.grants().labels(),
                "idPattern", token.pattern().orElse("*"),
                "uses", token.maxUses(),
                "allowReenrol", token.allowReenrol(),
                "expiresAt", token.expiresAt().toString(),
                "revoked", token.revokedAt() != null);
    }

    private static Refusal notFound(String id) {
        String printable = id.replaceAll("[^\\x20-\\x7e]", "?");
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "there is no claim token " + (printable.length() <= 40 ? printable : printable.substring(0, 40) + "…")
                        + "; GET /api/v1/claim-tokens lists them");
    }
}
