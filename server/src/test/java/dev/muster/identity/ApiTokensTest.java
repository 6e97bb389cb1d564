package dev.muster.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import java.time.Duration;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiTokensTest {
    private static final Scope POS = new Scope("asset.type == 'pos'");
    private static final Scope EU_POS = new Scope("asset.type == 'pos' && asset.labels.region == 'eu'");

    private final TokenFixture fixture = new TokenFixture();

    @Test
    void theDatabaseNeverSeesASecret() {
        var created = fixture.viewer("secretive");

        String row = fixture.jdbc
                .sql("select t::text || encode(hash, 'escape') from api_token t")
                .query(String.class)
                .single();

        assertThat(row)
                .contains("secretive")
                .doesNotContain(created.secret().reveal().substring(7));
    }

    @Test
    void everyChangeIsHeardOf() {
        var created = fixture.viewer("heard");
        fixture.revoke(Actor.SYSTEM, created.token());
        fixture.revoke(Actor.SYSTEM, created.token());

        assertThat(fixture.changes).containsExactly("system system created heard", "system system revoked heard");
    }

    @Test
    void aNameIsNeverUsedAgain() {
        fixture.revoke(Actor.SYSTEM, fixture.viewer("once").token());

        assertRefused(ErrorCode.CONFLICT, () -> fixture.viewer("once"), "a token of this name exists or existed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "-a", "a b", "a/b", "ü"})
    void aNameThatWouldHaveToBeEscapedIsRefused(String name) {
        assertRefused(ErrorCode.INVALID, () -> fixture.viewer(name), "token name must be of the form");
    }

    @Test
    void nobodyGivesAHigherRoleThanTheirs() {
        Actor operator = new Actor("op", ActorKind.TOKEN, Role.OPERATOR, Scope.ALL);

        assertRefused(
                ErrorCode.FORBIDDEN,
                () -> fixture.create(operator, "climber", Role.ADMIN, Scope.ALL, null),
                "token climber cannot be created with the role admin: the actor has the role operator");
        assertThat(fixture.create(operator, "peer", Role.OPERATOR, Scope.ALL, null)
                        .token()
                        .role())
                .isEqualTo(Role.OPERATOR);
    }

    @Test
    void whoIsScopedGivesExactlyTheirScope() {
        Actor scoped = new Actor("pos-admin", ActorKind.TOKEN, Role.ADMIN, POS);

        assertRefused(
                ErrorCode.FORBIDDEN,
                () -> fixture.create(scoped, "wide", Role.VIEWER, Scope.ALL, null),
                "for all assets: the actor has exactly assets where asset.type == 'pos'");
        assertRefused(
                ErrorCode.FORBIDDEN, () -> fixture.create(scoped, "narrow", Role.VIEWER, EU_POS, null), "exactly");
        assertThat(fixture.create(scoped, "same", Role.VIEWER, POS, null)
                        .token()
                        .scope())
                .isEqualTo(POS);
    }

    @Test
    void nobodyOutlivesTheTokenThatMadeThem() {
        Instant end = fixture.clock.instant().plus(Duration.ofHours(1));
        Actor guest = fixture.create(Actor.SYSTEM, "guest", Role.ADMIN, Scope.ALL, end)
                .token()
                .actor();

        assertRefused(
                ErrorCode.FORBIDDEN,
                () -> fixture.create(guest, "forever", Role.VIEWER, Scope.ALL, null),
                "that never expires: the actor has rights until " + end);
        assertRefused(
                ErrorCode.FORBIDDEN,
                () -> fixture.create(guest, "longer", Role.VIEWER, Scope.ALL, end.plusSeconds(1)),
                "rights until " + end);
        assertThat(fixture.create(guest, "equal", Role.VIEWER, Scope.ALL, end)
                        .token()
                        .expiresAt())
                .isEqualTo(end);
    }

    @Test
    void aScopeMustBeASelector() {
        assertRefused(
                ErrorCode.INVALID,
                () -> fixture.create(Actor.SYSTEM, "odd", Role.VIEWER, new Scope("1 + 1"), null),
                "it does not speak of an asset");
    }

    @Test
    void anExpiryLiesAhead() {
        assertRefused(
                ErrorCode.INVALID,
                () -> fixture.create(Actor.SYSTEM, "late", Role.VIEWER, Scope.ALL, fixture.clock.instant()),
                "is not after now");
    }

    @Test
    void whoIsScopedSeesAndRevokesTokensOfTheSameScopeOnly() {
        ApiToken whole = fixture.viewer("whole").token();
        ApiToken pos =
                fixture.create(Actor.SYSTEM, "pos", Role.VIEWER, POS, null).token();
        fixture.create(Actor.SYSTEM, "eu-pos", Role.VIEWER, EU_POS, null);
        Actor scoped = new Actor("pos-admin", ActorKind.TOKEN, Role.ADMIN, POS);

        assertThat(fixture.tokens.list(scoped, true, PageRequest.FIRST).items())
                .extracting(ApiToken::name)
                .containsExactly("pos");
        assertThat(fixture.tokens.list(Actor.SYSTEM, true, PageRequest.FIRST).items())
                .hasSize(3);
        assertRefused(ErrorCode.NOT_FOUND, () -> fixture.revoke(scoped, whole), "there is no token with the id");
        fixture.revoke(scoped, pos);
        assertThat(fixture.tokens.list(scoped, false, PageRequest.FIRST).items())
                .isEmpty();
    }

    @Test
    void listsPageByPage() {
        for (int i = 0; i < 5; i++) {
            fixture.clock.advance(Duration.ofMillis(1));
            fixture.viewer("t" + i);
        }
        Page<ApiToken> first = fixture.tokens.list(Actor.SYSTEM, false, new PageRequest(2, null));
        Page<ApiToken> second = fixture.tokens.list(Actor.SYSTEM, false, new PageRequest(2, first.next()));
        Page<ApiToken> third = fixture.tokens.list(Actor.SYSTEM, false, new PageRequest(2, second.next()));

        assertThat(first.items()).extracting(ApiToken::name).containsExactly("t0", "t1");
        assertThat(second.items()).extracting(ApiToken::name).containsExactly("t2", "t3");
        assertThat(third.items()).extracting(ApiToken::name).containsExactly("t4");
        assertThat(third.next()).isNull();
    }

    @Test
    void usableTokensAreBounded() {
        fixture.jdbc.sql("""
                        insert into api_token (id, name, hash, role, created_at, created_by)
                        select 'id-' || n, 'n-' || n, decode(md5(n::text), 'hex'), 'viewer', now(), 'test'
                        from generate_series(1, :most) n""").param("most", ApiTokens.MAX_USABLE).update();

        assertRefused(
                ErrorCode.CONFLICT, () -> fixture.viewer("one-more"), "10000 tokens are usable, which is the most");
    }

    private static void assertRefused(ErrorCode code, ThrowingCallable attempt, String saying) {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(attempt)
                .withMessageContaining(saying)
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(code));
    }
}
