package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A real agent that runs an application in two slots, one of which is the version before. */
@WhenAgentsAreAskedFor
class AgentsUpdateIT extends AgentsFixture {
    @Test
    void anApplicationIsUpdatedInItsSlotsAndComesBackFromAVersionThatCrashes() throws Exception {
        ReleaseWorkshop workshop = new ReleaseWorkshop(muster, folder.resolve("releases"), "app");
        muster.apply("""
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: slots-1}
                spec: {type: linux-device, hardware: pc}
                """);
        try (Box box = new Box(server, server.mqtt(), folder, "slots-1", "--hardware=pc")) {
            box.agent().start();
            awaitInSync(box);
            Await.that(
                    "the root is pinned",
                    LONG,
                    () -> box.logged("below the root " + workshop.root()).isPresent());

            publish(workshop, "1.0", "exec sleep 1000\n");
            rollOut(box, "1.0");
            awaitUpdate(box, "succeeded", "1.0");
            ProcessHandle first = theApplication(box, "1.0");

            publish(workshop, "2.0", "exec sleep 1000\n");
            rollOut(box, "2.0");
            awaitUpdate(box, "succeeded", "2.0");
            ProcessHandle second = theApplication(box, "2.0");
            assertThat(first.isAlive()).as("the old version runs").isFalse();

            // It runs on when its agent is killed, and the next agent takes it over.
            box.agent().kill9();
            assertThat(second.isAlive()).isTrue();
            box.agent().start();

            publish(workshop, "3.0", "echo out of cheese\nexit 7\n");
            rollOut(box, "3.0");
            JsonNode update = awaitUpdate(box, "rolled_back", "3.0");
            assertThat(update.path("reason").asString()).contains("7", "out of cheese");
            assertThat(update.path("previous").asString()).isEqualTo("2.0");
            assertThat(twin(box.id()).at("/reported/software/app").asString()).isEqualTo("2.0");
            theApplication(box, "2.0");
        }
    }

    private void publish(ReleaseWorkshop workshop, String version, String program) throws Exception {
        workshop.publish("app", version, workshop.application(version, program) + "=pc");
    }

    private void rollOut(Box box, String version) throws Exception {
        String name = "app-" + version.replace('.', '-');
        muster.apply("""
                apiVersion: muster.dev/v1
                kind: Rollout
                metadata: {name: %s}
                spec:
                  selector: asset.id == '%s'
                  change: {release: {component: app, version: "%s"}}
                  soak: 5s
                  failures: {threshold: 10%%, then: pause}
                  withoutRollbackTarget: allow
                """.formatted(name, box.id(), version));
        muster.must("rollout", "start", name);
    }

    private JsonNode awaitUpdate(Box box, String state, String version) throws Exception {
        return Await.until(
                box.id() + " reports " + version + " " + state + "; see "
                        + box.agent().log(),
                LONG,
                () -> {
                    JsonNode twin = twin(box.id());
                    // Also those before: a rollout that fails gives the old version anew, moments after the asset has
                    // gone back.
                    return Stream.concat(
                                    Stream.of(twin.path("reported")),
                                    twin.at("/history/reported").valueStream().map(each -> each.path("report")))
                            .map(report -> report.at("/updates/app"))
                            .filter(it -> it.path("version").asString("").equals(version))
                            .filter(it -> it.path("state").asString("").equals(state))
                            .findFirst();
                });
    }

    /** The one process of the application: it runs when it is reported that it does. */
    private ProcessHandle theApplication(Box box, String version) throws Exception {
        List<ProcessHandle> running = box.applications();
        assertThat(running).hasSize(1);
        assertThat(Box.environment(Long.toString(running.getFirst().pid()))).contains("MUSTER_VERSION=" + version);
        assertThat(box.app().resolve("data/version")).hasContent(version);
        return running.getFirst();
    }
}
