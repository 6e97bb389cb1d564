package dev.muster.release;

import static dev.muster.release.Signers.artifact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.audit.AuditLog;
import dev.muster.gateway.port.Artifacts;
import dev.muster.platform.config.Settings;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.protocol.tuf.MetadataRefusedException;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.UpdateClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** What becomes of releases later: their metadata is signed anew, they are quarantined, and removed when nobody needs them. */
class ReleaseKeepingTest extends PublishingFixture {
    @Test
    void theTimestampIsSignedAgainAtHalfOfItsLifeAndAnAssetGoesOnBelieving() throws Exception {
        setUp("app");
        upload(V1);
        publishApp(1, APP1);
        UpdateClient asset = asset();
        TransactionTemplate transaction = new TransactionTemplate(transactions);
        clock.advance(Duration.ofDays(3));
        assertThat(renewed(transaction)).isFalse();
        clock.advance(Duration.ofDays(1));

        assertThat(renewed(transaction)).isTrue();

        assertThat(asset.find(APP1.path())).isEqualTo(APP1);
        clock.advance(Duration.ofDays(5)); // past the first timestamp's end
        asset.refresh();
        assertThat(asset.find(APP1.path())).isEqualTo(APP1);
        clock.advance(Duration.ofDays(2));
        assertThat(catchThrowableOfType(MetadataRefusedException.class, asset::refresh)
                        .detail())
                .isEqualTo(
                        "timestamp.json of version 3 expired at 2026-12-04T10:00:00Z, it is 2026-12-04T10:00:00Z: newer"
                                + " metadata is held back, or the clock is wrong");
    }

    @Test
    void theKeeperSignsUnderItsLeaseAndTidiesWhatNoReleaseNames() {
        setUp("app");
        upload(V1);
        upload(V2);
        publishApp(1, APP1);
        clock.advance(Duration.ofDays(365)); // the files are of today: far enough
        Leases leases = new Leases(jdbc);
        Lease other = leases.acquire("release-timestamp", "another server", Duration.ofMinutes(1))
                .orElseThrow();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        ReleaseKeeper keeper = new ReleaseKeeper(
                repository,
                store,
                artifacts,
                leases,
                transactions,
                clock,
                new Ids(clock, new SecureRandom()),
                meters,
                Settings.of(ReleaseSettings.SETTINGS, Map.of()));

        keeper.round();

        assertThat(version("timestamp")).isEqualTo(2);
        assertThat(artifacts.find(APP1.sha256())).isPresent();
        assertThat(artifacts.find(APP2.sha256())).isEmpty();
        assertThat(meters.get("muster.release.metadata.expires")
                        .tag("role", "timestamp")
                        .gauge()
                        .value())
                .isEqualTo(-Duration.ofDays(358).toSeconds());
        leases.release(other);
        clock.advance(Duration.ofDays(-10)); // targets are signed for a year
        keeper.round();
        assertThat(version("timestamp")).isEqualTo(3);
    }

    private long version(String role) {
        return repository.states().stream()
                .filter(state -> state.role().equals(role))
                .findFirst()
                .orElseThrow()
                .version();
    }

    @Test
    void aQuarantinedReleaseIsGivenToNobody() {
        setUp("app");
        upload(V1);
        publishApp(1, APP1);
        DeviceArtifacts downloads = downloads();
        assertThat(downloads.find(APP1.sha256())).isInstanceOf(Artifacts.Found.File.class);

        Release quarantined = releases.quarantine(CI, "app@1.0.0", "bricks the pump");

        assertThat(quarantined.state())
                .isEqualTo(new Release.State.Quarantined(clock.instant(), "ci", "bricks the pump"));
        assertThat(downloads.find(APP1.sha256()))
                .isEqualTo(new Artifacts.Found.Refused(
                        403,
                        "quarantined",
                        "the artifact " + APP1.sha256() + " belongs to a release that is quarantined"));
        assertThat(releases.release(CI, "app@1.0.0", "it was the pump").state())
                .isEqualTo(new Release.State.Published(clock.instant()));
        assertThat(jdbc.sql("select action from audit_entry where object_kind = 'release' order by id")
                        .query(String.class)
                        .list())
                .containsExactly("release.publish", "release.quarantine", "release.release");
        assertThat(refusal(() -> releases.quarantine(CI, "app@1.0.0", " ")))
                .startsWith("invalid: a reason of 1 to 1000");
        assertThat(refusal(() -> releases.get("nonsense"))).startsWith("not_found: there is no release nonsense; ");
    }

    @Test
    void retentionNeverRemovesWhatAnAssetMayNeed() {
        setUp("app");
        for (byte[] content : List.of(V1, V2, OS)) {
            upload(content);
        }
        TargetFile app3 = artifact("app", "3.0.0", OS, "");
        publishApp(1, APP1);
        publishApp(2, APP1, APP2);
        publishApp(3, APP1, APP2, app3);
        clock.advance(Duration.ofDays(100));
        ReleaseHold hold = candidates -> {
            Map<ReleaseName, String> held = new HashMap<>(needed);
            held.keySet().retainAll(candidates);
            return held;
        };

        assertThat(refusal(() -> retention().prune(ADMIN, 1, Duration.ofDays(90), false)))
                .isEqualTo(
                        "refused: nothing is removed: no part of this server can tell which releases assets run or may go"
                                + " back to");
        needed.put(new ReleaseName("app", "1.0.0"), "ran before on truck-1");
        ReleaseRetention.Outcome outcome = retention(hold).prune(ADMIN, 1, Duration.ofDays(90), false);

        assertThat(outcome)
                .isEqualTo(new ReleaseRetention.Outcome(
                        List.of(new ReleaseName("app", "2.0.0")),
                        Map.of(
                                new ReleaseName("app", "3.0.0"), "one of the newest 1 of app",
                                new ReleaseName("app", "1.0.0"), "ran before on truck-1"),
                        V2.length));
        assertThat(artifacts.find(APP1.sha256())).isPresent();
        assertThat(artifacts.find(APP2.sha256())).isEmpty();
        assertThat(downloads().find(APP2.sha256()))
                .isEqualTo(new Artifacts.Found.Refused(
                        410, "gone", "the artifact " + APP2.sha256() + " was removed by retention"));
        // what was removed may be left out of the metadata, and only that
        assertThat(publishApp(4, APP1, app3).roles()).containsExactly("releases-app");

        // a planted violation: a hold that forgets truck-1 would remove what it may go back to
        needed.clear();
        assertThat(retention(hold).prune(ADMIN, 1, Duration.ofDays(90), true).pruned())
                .containsExactly(new ReleaseName("app", "1.0.0"));
    }

    @Test
    void aHoldThatCannotTellStopsRetention() {
        setUp("app");
        upload(V1);
        upload(V2);
        publishApp(1, APP1);
        publishApp(2, APP1, APP2);
        clock.advance(Duration.ofDays(100));
        ReleaseHold failing = candidates -> {
            throw new IllegalStateException("reports cannot be read");
        };

        assertThat(catchThrowableOfType(
                        IllegalStateException.class,
                        () -> retention(failing).prune(ADMIN, 1, Duration.ofDays(90), false)))
                .hasMessage("reports cannot be read");
        assertThat(artifacts.find(APP1.sha256())).isPresent();
    }

    private boolean renewed(TransactionTemplate transaction) {
        return Boolean.TRUE.equals(transaction.execute(status -> repository.renewIfDue()));
    }

    private ReleaseRetention retention(ReleaseHold... holds) {
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        for (int i = 0; i < holds.length; i++) {
            beans.addBean("hold-" + i, holds[i]);
        }
        return new ReleaseRetention(
                store,
                artifacts,
                beans.getBeanProvider(ReleaseHold.class),
                new AuditLog(jdbc, clock),
                new EventLog(jdbc, transactions, JsonMapper.shared()),
                clock,
                transactions);
    }
}
