package dev.muster.registry.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import dev.muster.registry.RegistryServer;
import dev.muster.registry.RegistryServer.Answer;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.PresenceUpdate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who belongs to a group, and who did. */
class GroupsTest {
    @SuppressWarnings("NullAway.Init")
    private static RegistryServer server;

    @BeforeAll
    static void start() {
        server = new RegistryServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void membersFollowChangesOfAssetsAndTheirHistoryStays() {
        server.create("m-1", "pos", "{\"ring\":\"canary\"}");
        group("canary", "asset.labels.ring == 'canary'");
        server.create("m-2", "pos", "{\"ring\":\"canary\"}");
        Instant both = afterNow();
        server.put("/api/v1/assets/m-1", "{\"type\":\"pos\",\"labels\":{\"ring\":\"wide\"}}", null);
        server.delete("/api/v1/assets/m-2");

        assertThat(members("canary", null)).isEmpty();
        assertThat(members("canary", both)).containsExactly("m-1", "m-2");

        server.put("/api/v1/assets/m-1", "{\"type\":\"pos\",\"labels\":{\"ring\":\"canary\"}}", null);

        assertThat(members("canary", null)).containsExactly("m-1");
    }

    @Test
    void aNewSelectorMovesTheMembersAtOnce() {
        server.create("s-1", "sensor", "{\"floor\":\"1\"}");
        server.create("s-2", "sensor", "{\"floor\":\"2\"}");
        group("floor", "asset.labels.floor == '1'");
        assertThat(members("floor", null)).containsExactly("s-1");

        group("floor", "int(asset.labels.floor) >= 2");

        assertThat(members("floor", null)).containsExactly("s-2");
        assertThat(server.get("/api/v1/groups/floor")
                        .json()
                        .at("/status/members")
                        .intValue())
                .isEqualTo(1);
    }

    @Test
    void presenceMovesMembersWithTheNextSweep() {
        server.create("p-1", "sensor", "{}");
        group("online", "asset.presence == 'online'");
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        server.bean(AssetStore.class)
                .updatePresence(List.of(new PresenceUpdate(new AssetId("p-1"), Presence.ONLINE, now, now)));

        server.bean(GroupSweep.class).sweep();

        assertThat(members("online", null)).containsExactly("p-1");
    }

    @Test
    void saysForHowManyAssetsASelectorCouldNotBeDecided() {
        server.create("u-1", "edge-gpu", "{\"rack\":\"a\"}");
        server.create("u-2", "edge-gpu", "{}");
        group("racked", "asset.type == 'edge-gpu' && asset.labels.rack == 'a'");

        assertThat(server.get("/api/v1/groups/racked")
                        .json()
                        .at("/status/undecided")
                        .intValue())
                .isEqualTo(1);
    }

    @Test
    void saysItOfEachOfTheGroupsOfAFile() {
        server.create("w-1", "sensor", "{\"row\":\"1\",\"wing\":\"n\"}");
        server.create("w-2", "sensor", "{\"row\":\"2\"}");
        server.create("w-3", "sensor", "{}");
        String among = "asset.id in ['w-1','w-2','w-3'] && ";
        Answer answer = server.apply(
                "",
                String.join(
                        "---\n",
                        yaml("row-1", among + "asset.labels.row == '1'"),
                        yaml("row-2", among + "asset.labels.row == '2'"),
                        yaml("north", among + "asset.labels.wing == 'n'"),
                        yaml("either", among + "(asset.labels.wing == 'n' || asset.labels.row == '2')"),
                        yaml("kind", among + "asset.type == 'sensor'")));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);

        assertThat(undecided("row-1")).isEqualTo(1);
        assertThat(undecided("row-2")).isEqualTo(1);
        assertThat(undecided("north")).isEqualTo(2);
        assertThat(undecided("either")).isEqualTo(1);
        assertThat(undecided("kind")).isZero();
        assertThat(members("row-2", null)).containsExactly("w-2");
    }

    private static int undecided(String group) {
        return server.get("/api/v1/groups/" + group)
                .json()
                .at("/status/undecided")
                .intValue();
    }

    @Test
    void refusesASelectorThatIsNone() {
        Answer answer = server.apply("", yaml("broken", "asset.type = 'pos'"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/errors/0/field").stringValue()).isEqualTo("documents[0].spec.selector");
    }

    private static void group(String name, String selector) {
        Answer answer = server.apply("", yaml(name, selector));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private static String yaml(String name, String selector) {
        return """
                apiVersion: muster.dev/v1
                kind: Group
                metadata: {name: %s}
                spec:
                  selector: "%s"
                """.formatted(name, selector);
    }

    private static List<String> members(String group, @Nullable Instant at) {
        return server.get("/api/v1/groups/" + group + "/members" + (at == null ? "" : "?at=" + at))
                .json()
                .get("items")
                .valueStream()
                .map(item -> item.get("asset").stringValue())
                .toList();
    }

    /** A moment after all that was done so far and before all that follows: intervals are exact to a millisecond. */
    private static Instant afterNow() {
        Instant moment = Instant.now().truncatedTo(ChronoUnit.MILLIS).plusMillis(1);
        while (!Instant.now().isAfter(moment.plusMillis(1))) {
            Thread.onSpinWait();
        }
        return moment;
    }
}
