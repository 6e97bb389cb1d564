package dev.muster.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import org.junit.jupiter.api.Test;

class PermissionsTest {
    private static final Scope NARROWER = new Scope("asset.type == 'pos'");

    /** Least role to read and to write; with a narrower scope, what of that is left. */
    private static final String TABLE = """
            asset        read viewer  write operator  narrower read write
            telemetry    read viewer  write admin     narrower read write
            file         read operator write operator  narrower read write
            certificate  read viewer  write operator  narrower read write
            command      read viewer  write operator  narrower read write
            asset type   read viewer  write operator  narrower read
            group        read viewer  write operator  narrower read
            configuration read viewer  write operator  narrower read write
            rollout      read viewer  write operator  narrower read write
            incident     read viewer  write operator  narrower read write
            runbook      read viewer  write operator  narrower read
            ca           read viewer  write admin     narrower read
            release      read viewer  write operator  narrower read
            claim token  read viewer  write operator  narrower
            alert        read viewer  write operator  narrower read write
            alerting     read viewer  write operator  narrower read
            event        read viewer  write admin     narrower read write
            audit        read viewer  write admin     narrower read write
            token        read admin   write admin     narrower read write
            backup       read admin   write admin     narrower
            slo          read viewer  write operator  narrower
            metrics      read viewer  write admin     narrower
            self         read viewer  write viewer    narrower read
            """;

    @Test
    void isThisTable() {
        StringBuilder table = new StringBuilder();
        for (Kind kind : Kind.values()) {
            String line = "%-12s read %-7s write %-9s narrower%s%s"
                    .formatted(
                            kind.wire(),
                            Permissions.needed(Verb.READ, kind).wire(),
                            Permissions.needed(Verb.WRITE, kind).wire(),
                            allowsNarrower(Verb.READ, kind) ? " read" : "",
                            allowsNarrower(Verb.WRITE, kind) ? " write" : "");
            table.append(line).append('\n');
        }
        assertThat(table).hasToString(TABLE);
    }

    @Test
    void whatOverrulesIsForAdminsOnly() {
        for (Kind kind : Kind.values()) {
            assertThat(Permissions.needed(Verb.ADMIN, kind)).isEqualTo(Role.ADMIN);
        }
    }

    @Test
    void aRoleIncludesTheLesserOnes() {
        for (Kind kind : Kind.values()) {
            for (Verb verb : Verb.values()) {
                for (Role role : Role.values()) {
                    assertThat(Permissions.refusal(actor(role, Scope.ALL), verb, kind)
                                    .isEmpty())
                            .as("%s %s %s", role, verb, kind)
                            .isEqualTo(role.ordinal()
                                    <= Permissions.needed(verb, kind).ordinal());
                }
            }
        }
    }

    @Test
    void saysWhatIsNeededAndWhatTheActorHas() {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> Permissions.require(actor(Role.VIEWER, Scope.ALL), Verb.WRITE, Kind.ASSET))
                .withMessage(
                        "token t may not write: write of kind \"asset\" needs the role operator, the actor has viewer")
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.FORBIDDEN));
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> Permissions.require(actor(Role.ADMIN, NARROWER), Verb.WRITE, Kind.GROUP))
                .withMessage(
                        "token t may not write: write of kind \"group\" needs a scope of all assets, the actor has assets"
                                + " where asset.type == 'pos'");
    }

    private static boolean allowsNarrower(Verb verb, Kind kind) {
        return Permissions.refusal(actor(Role.ADMIN, NARROWER), verb, kind).isEmpty();
    }

    private static Actor actor(Role role, Scope scope) {
        return new Actor("t", ActorKind.TOKEN, role, scope);
    }
}
