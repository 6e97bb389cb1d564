package dev.muster.ddi;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.pki.IdPattern;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.asset.AssetRules;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.registry.type.AssetTypes;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Creates, lists and revokes gateway tokens; effective with the commit here, elsewhere within {@link KnownGateways#REREAD}. */
@Component
class GatewayTokens {
    static final Duration MAX_LIFETIME = Duration.ofDays(366);
    static final int MAX_USABLE = 1_000;
    static final int MAX_NAME = 100;

    private static final String KIND = "gateway-token";

    private final GatewayTokenStore store;
    private final KnownGateways known;
    private final AssetTypes types;
    private final AuditLog audit;
    private final EventLog events;
    private final Ids ids;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    GatewayTokens(
            GatewayTokenStore store,
            KnownGateways known,
            AssetTypes types,
            AuditLog audit,
            EventLog events,
            Ids ids,
            Clock clock) {
        this.store = store;
        this.known = known;
        this.types = types;
        this.audit = audit;
        this.events = events;
        this.ids = ids;
        this.clock = clock;
    }

    /** @param text what the assets are given, shown this once */
    record Created(GatewayToken token, String text) {}

    @Transactional
    public Created create(Actor actor, String name, String pattern, AssetSpec grants, Duration lifetime) {
        check(name, pattern, grants, lifetime);
        Instant now = now();
        if (store.usable(now).size() >= MAX_USABLE) {
            throw new Refusal(
                    ErrorCode.CONFLICT, MAX_USABLE + " gateway tokens are usable, which is the most; revoke some");
        }
        GatewaySecret secret = GatewaySecret.generate(random);
        GatewayToken token = new GatewayToken(
                ids.next(),
                name,
                secret.hash(),
                new IdPattern(pattern),
                grants,
                now.plus(lifetime),
                now,
                actor.id(),
                null,
                null);
        store.add(token);
        audit.record(actor, "gateway-token.create", KIND, token.id(), null, shown(token));
        events.append("gateway-token.created", KIND + "/" + token.id(), shown(token));
        afterCommit();
        return new Created(token, secret.text());
    }

    @Transactional(readOnly = true)
    public Page<GatewayToken> list(PageRequest page) {
        return Page.of(store.page(page.after(), page.fetch()), page, GatewayToken::id);
    }

    /** Again is no error. Assets that it registered stay. */
    @Transactional
    public void revoke(Actor actor, String id) {
        GatewayToken before = store.find(id)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND,
                        "there is no gateway token of this id; GET /api/v1/gateway-tokens lists them"));
        if (store.revoke(id, now(), actor.id())) {
            audit.record(actor, "gateway-token.revoke", KIND, id, shown(before), Map.of("revoked", true));
            events.append("gateway-token.revoked", KIND + "/" + id, shown(before));
            afterCommit();
        }
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private void check(String name, String pattern, AssetSpec grants, Duration lifetime) {
        List<FieldProblem> problems = new ArrayList<>();
        if (name.length() > MAX_NAME || name.chars().anyMatch(Character::isISOControl)) {
            problems.add(new FieldProblem(
                    "name", "must have at most " + MAX_NAME + " characters, none of them a control character"));
        }
        AssetRules.problems(grants)
                .forEach(problem -> problems.add(new FieldProblem(problem.path(), problem.message())));
        if (!grants.type().isEmpty() && !types.exists(grants.type())) {
            problems.add(new FieldProblem(
                    "type", "\"" + grants.type() + "\" is not an asset type; GET /api/v1/asset-types lists the types"));
        }
        try {
            Object unused = new IdPattern(pattern);
        } catch (IllegalArgumentException e) {
            problems.add(new FieldProblem("idPattern", String.valueOf(e.getMessage())));
        }
        if (lifetime.compareTo(Duration.ofMinutes(1)) < 0 || lifetime.compareTo(MAX_LIFETIME) > 0) {
            problems.add(new FieldProblem("expiresIn", "must be from 1m to " + MAX_LIFETIME.toDays() + "d"));
        }
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the gateway token is not valid: " + problems.getFirst().field() + " "
                            + problems.getFirst().message(),
                    problems);
        }
    }

    private void afterCommit() {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                known.reload();
            }
        });
    }

    /** No secret, not even its hash. */
    private static Map<String, Object> shown(GatewayToken token) {
        return Map.of(
                "name", token.name(),
                "idPattern", token.pattern().text(),
                "type", token.grants().type(),
                "labels", token.grants().labels(),
                "expiresAt", token.expiresAt().toString());
    }
}
