package dev.muster.identity.session;

import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.ApiToken;
import dev.muster.identity.ApiTokens;
import dev.muster.identity.TokenChanges;
import dev.muster.identity.TokenSecret;
import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.id.Ids;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Opens, recognizes and ends the logins of browsers. */
@Component
public class LoginSessions {
    /** Holds the secret of a login in a browser. */
    public static final String COOKIE = "muster_session";

    public static final Setting<Duration> IDLE = Setting.duration(
            "session-idle",
            "30m",
            Duration.ofMinutes(1),
            Duration.ofDays(7),
            "How long a console login stays open without a person at it.");
    public static final Setting<Duration> LIFE = Setting.duration(
            "session-life",
            "12h",
            Duration.ofMinutes(5),
            Duration.ofDays(30),
            "How long a console login stays open at most.");

    public static final List<Setting<?>> SETTINGS = List.of(IDLE, LIFE);

    /** Open sessions of one token; the oldest go beyond it. */
    static final int MAX_PER_TOKEN = 100;

    private static final Duration TOUCHED_EVERY = Duration.ofMinutes(1);
    /** Of a short idle time, so much of it is as exact as its end needs to be. */
    private static final int TOUCHES_WHILE_IDLE = 10;

    private final LoginSessionStore store;
    private final ApiTokens tokens;
    private final TokenChanges changes;
    private final Ids ids;
    private final Clock clock;
    private final Duration idle;
    private final Duration life;
    private final Duration touchedEvery;
    private final SecureRandom random = new SecureRandom();

    LoginSessions(
            LoginSessionStore store, ApiTokens tokens, TokenChanges changes, Ids ids, Clock clock, Settings settings) {
        this.store = store;
        this.tokens = tokens;
        this.changes = changes;
        this.ids = ids;
        this.clock = clock;
        this.idle = settings.get(IDLE);
        this.life = settings.get(LIFE);
        Duration part = idle.dividedBy(TOUCHES_WHILE_IDLE);
        this.touchedEvery = part.compareTo(TOUCHED_EVERY) < 0 ? part : TOUCHED_EVERY;
    }

    /** A new login. @param secret for the cookie, known to nobody else */
    public record Opened(TokenSecret secret, Instant expiresAt) {}

    /**
     * A login that a request came with.
     *
     * @param expiresAt whatever happens
     * @param idleEndsAt when nobody comes to it before
     */
    public record Recognized(String id, Actor actor, Instant expiresAt, Instant idleEndsAt) {
        /** Until it ends if nobody comes to it. */
        public Duration left(Instant now) {
            Duration left = Duration.between(now, idleEndsAt.isBefore(expiresAt) ? idleEndsAt : expiresAt);
            return left.isNegative() ? Duration.ZERO : left;
        }
    }

    /** @param actor who has just shown an API token */
    @Transactional
    public Opened open(Actor actor) {
        ApiToken token = tokenOf(actor);
        Instant now = now();
        Instant expiresAt = now.plus(life);
        if (token.expiresAt() != null && token.expiresAt().isBefore(expiresAt)) {
            expiresAt = token.expiresAt();
        }
        TokenSecret secret = TokenSecret.random(random);
        store.deleteOlder(now);
        store.insert(ids.next(), secret.hash().bytes(), token.id(), now, expiresAt);
        store.deleteBeyond(token.id(), MAX_PER_TOKEN);
        changes.loggedIn(actor, token);
        return new Opened(secret, expiresAt);
    }

    /**
     * Empty when there is no such session any more, for whichever reason: a guesser learns nothing.
     *
     * @param attended whether a person is at it, which keeps it from being idle; a screen that refreshes itself does not
     */
    public Optional<Recognized> recognize(String presented, boolean attended) {
        Instant now = now();
        return TokenSecret.parse(presented)
                .flatMap(secret -> store.find(secret.hash().bytes()))
                .filter(session -> now.isBefore(session.expiresAt())
                        && now.isBefore(session.lastUsedAt().plus(idle)))
                .flatMap(session -> tokens.usable(session.tokenId(), now).map(token -> {
                    boolean touched =
                            attended && now.isAfter(session.lastUsedAt().plus(touchedEvery));
                    if (touched) {
                        store.touch(session.id(), now);
                    }
                    Instant lastUsed = touched ? now : session.lastUsedAt();
                    return new Recognized(session.id(), token.actor(), session.expiresAt(), lastUsed.plus(idle));
                }));
    }

    /** A login that may still be used. */
    public record Open(String id, Instant openedAt, Instant lastUsedAt, Instant expiresAt) {}

    /** The open logins of the actor's token, the newest first; of who has no token of the server, none. */
    public List<Open> of(Actor actor) {
        if (actor.kind() != ActorKind.TOKEN) {
            return List.of();
        }
        Instant now = now();
        return store.open(tokenOf(actor).id(), now, now.minus(idle), MAX_PER_TOKEN);
    }

    @Transactional
    public void end(Actor actor, String id) {
        if (store.delete(id)) {
            changes.loggedOut(actor, tokenOf(actor), 1);
        }
    }

    /** Ends every login of the actor's token, wherever it is. */
    @Transactional
    public void endAll(Actor actor) {
        ApiToken token = tokenOf(actor);
        int ended = store.deleteOf(token.id());
        if (ended > 0) {
            changes.loggedOut(actor, token, ended);
        }
    }

    private ApiToken tokenOf(Actor actor) {
        if (actor.kind() != ActorKind.TOKEN) {
            throw new Refusal(
                    ErrorCode.FORBIDDEN, actor + " cannot log in to the console; only API tokens of people can");
        }
        return tokens.named(actor.id())
                .orElseThrow(() -> new IllegalStateException(actor + " was authenticated and has no token"));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
