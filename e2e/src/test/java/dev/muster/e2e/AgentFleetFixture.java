package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** A fleet of real agents that have the configuration of their group. Each test leaves them in sync. */
abstract class AgentFleetFixture extends AgentsFixture {
    static final int AGENTS = Math.max(3, Integer.getInteger("agents", 3));

    final List<Box> boxes = new ArrayList<>();

    /** Between the server and the last box. */
    @SuppressWarnings("NullAway.Init")
    CutNetwork network;

    private int revision;

    @Override
    void begin() throws Exception {
        network = new CutNetwork(server.mqtt());
        for (int i = 1; i <= AGENTS; i++) {
            String mqtt = i == AGENTS ? network.address() : server.mqtt();
            Box box = new Box(server, mqtt, folder, "box-" + i);
            boxes.add(box);
            box.agent().start();
        }
        for (Box box : boxes) {
            awaitInSync(box);
        }
        StringBuilder yaml = new StringBuilder("""
                apiVersion: muster.dev/v1
                kind: Group
                metadata: {name: boxes}
                spec: {selector: "asset.id.startsWith('box-')"}
                """);
        boxes.forEach(box -> yaml.append(ownConfiguration(box, "")));
        muster.apply(yaml + nextRevision(""));
        awaitRevisionEverywhere();
    }

    @Override
    List<AutoCloseable> others() {
        List<AutoCloseable> all = new ArrayList<>(boxes);
        all.add(network);
        return all;
    }

    /** Where the box has its file; what is in it comes from the group. */
    String ownConfiguration(Box box, String more) {
        return """
                ---
                apiVersion: muster.dev/v1
                kind: Configuration
                metadata: {name: %1$s}
                spec:
                  target: {asset: %1$s}
                  config: {files: {motd: {path: %2$s%3$s}}}
                """.formatted(box.id(), box.motd(), more);
    }

    String nextRevision(String more) {
        revision++;
        return """
                ---
                apiVersion: muster.dev/v1
                kind: Configuration
                metadata: {name: boxes}
                spec:
                  target: {group: boxes}
                  config:
                    files: {motd: {template: "{{asset.id}} has revision %1$d\\n", mode: "0644"}}
                    site: {revision: %1$d%2$s}
                    agent: {budget: {memoryBytes: 1073741824, cpuShare: 1}}
                """.formatted(revision, more);
    }

    String text(Box box) {
        return box.id() + " has revision " + revision + "\n";
    }

    /** On the disks, and as confirmed by the assets. */
    void awaitRevisionEverywhere() throws Exception {
        for (Box box : boxes) {
            Await.that(
                    box.id() + " has revision " + revision + "; see "
                            + box.agent().log(),
                    LONG,
                    () -> box.motdText().equals(text(box)));
            awaitInSync(box);
            assertThat(ServerProcess.JSON
                            .readTree(box.handedOver())
                            .at("/site/revision")
                            .asInt())
                    .isEqualTo(revision);
            assertThat(twin(box.id()).at("/reported/config/site/revision").asInt())
                    .isEqualTo(revision);
        }
    }
}
