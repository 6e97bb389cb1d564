package dev.muster.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.identity.Authentication.Accepted;
import dev.muster.identity.Authentication.Limited;
import dev.muster.identity.Authentication.Rejected;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AuthenticatorTest {
    private final TokenFixture fixture = new TokenFixture();

    @Test
    void turnsATokenIntoItsActor() {
        var created = fixture.create(Actor.SYSTEM, "ci", Role.OPERATOR, new Scope("asset.type == 'pos'"), null);

        assertThat(fixture.authenticate(created.secret()))
                .isEqualTo(new Accepted(
                        new Actor("ci", ActorKind.TOKEN, Role.OPERATOR, new Scope("asset.type == 'pos'"))));
    }

    @Test
    void knowsNoTokenThatItDidNotMake() {
        assertThat(fixture.authenticate(TokenSecret.random(new Random(5))))
                .isEqualTo(new Rejected("the token is unknown"));
    }

    @Test
    void revocationTakesEffectAtOnceHereDespiteTheMemory() {
        var created = fixture.viewer("gone");
        assertThat(fixture.authenticate(created.secret())).isInstanceOf(Accepted.class);

        fixture.revoke(Actor.SYSTEM, created.token());

        assertThat(fixture.authenticate(created.secret())).isInstanceOf(Rejected.class);
    }

    @Test
    void revocationOnAnotherServerTakesEffectWithinASecond() {
        var created = fixture.viewer("gone-elsewhere");
        Authenticator here = new Authenticator(fixture.store, fixture.failures, fixture.meters, fixture.clock);
        String secret = created.secret().reveal();
        assertThat(here.authenticate(secret, TokenFixture.ADDRESS)).isInstanceOf(Accepted.class);
        fixture.revoke(Actor.SYSTEM, created.token());

        fixture.clock.advance(Authenticator.CACHED_FOR);

        assertThat(here.authenticate(secret, TokenFixture.ADDRESS)).isInstanceOf(Rejected.class);
    }

    @Test
    void expiresToTheInstantEvenWhenRemembered() {
        Instant end = fixture.clock.instant().plusMillis(500);
        var created = fixture.create(Actor.SYSTEM, "short", Role.VIEWER, Scope.ALL, end);
        fixture.clock.advance(Duration.ofMillis(499));
        assertThat(fixture.authenticate(created.secret())).isInstanceOf(Accepted.class);

        fixture.clock.advance(Duration.ofMillis(1));

        assertThat(fixture.authenticate(created.secret())).isEqualTo(new Rejected("the token expired at " + end));
    }

    @Test
    void writesTheLastUseOnceAMinute() {
        var created = fixture.viewer("busy");
        Instant first = fixture.clock.instant();
        fixture.authenticate(created.secret());
        assertThat(lastUsed("busy")).isEqualTo(first);

        for (int second = 1; second < 60; second++) {
            fixture.clock.advance(Duration.ofSeconds(1));
            fixture.authenticate(created.secret());
        }
        assertThat(lastUsed("busy")).isEqualTo(first);

        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.authenticate(created.secret());
        assertThat(lastUsed("busy")).isEqualTo(first.plusSeconds(60));
    }

    @Test
    void stopsLookingAfterTooManyFailuresButKnowsItsOwn() {
        var known = fixture.viewer("known");
        var other = fixture.viewer("not-seen-lately");
        fixture.authenticate(known.secret());
        for (int i = 0; i < TokenFixture.BURST; i++) {
            assertThat(fixture.authenticate(TokenSecret.random(new Random(i)))).isInstanceOf(Rejected.class);
        }

        assertThat(fixture.authenticate(TokenSecret.random(new Random(99))))
                .isEqualTo(new Limited(Duration.ofSeconds(1)));
        assertThat(fixture.authenticator.authenticate("nonsense", TokenFixture.ADDRESS))
                .isInstanceOf(Limited.class);
        assertThat(failures("rejected")).isEqualTo(TokenFixture.BURST);
        assertThat(failures("limited")).isEqualTo(2);
        assertThat(fixture.authenticate(known.secret())).isInstanceOf(Accepted.class);
        assertThat(fixture.authenticate(other.secret())).isInstanceOf(Limited.class);
        assertThat(fixture.authenticator.authenticate(other.secret().reveal(), "192.0.2.2"))
                .isInstanceOf(Accepted.class);

        fixture.clock.advance(Duration.ofSeconds(1));
        assertThat(fixture.authenticate(other.secret())).isInstanceOf(Accepted.class);
    }

    @Test
    void whoSharesTheAddressOfAGuesserStaysIn() {
        var known = fixture.viewer("steady");
        for (int second = 0; second < 60; second++) {
            assertThat(fixture.authenticate(known.secret())).isInstanceOf(Accepted.class);
            for (int i = 0; i < TokenFixture.BURST; i++) {
                fixture.authenticate(TokenSecret.random(new Random(second * 1_000L + i)));
            }
            fixture.clock.advance(Duration.ofSeconds(1));
        }
    }

    private double failures(String reason) {
        return fixture.meters
                .counter("muster.authentication.failures", "reason", reason)
                .count();
    }

    private Instant lastUsed(String name) {
        return fixture.store.findByName(name).map(ApiToken::lastUsedAt).orElse(Instant.EPOCH);
    }
}
