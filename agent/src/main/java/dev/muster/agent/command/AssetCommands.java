package dev.muster.agent.command;

import dev.muster.agent.allowed.Allowed;
import dev.muster.agent.link.Outbound;
import dev.muster.agent.slot.Slots;
import dev.muster.agent.state.StateDirectory;
import dev.muster.agent.upload.Upload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The commands of an asset, with what they act upon. */
public final class AssetCommands implements AutoCloseable {
    private final Commands commands;
    private final StateDirectory state;
    private final Wipe wipe;

    public AssetCommands(
            StateDirectory state,
            Allowed allowed,
            Slots slots,
            Upload upload,
            String version,
            Wipe wipe,
            Outbound outbound,
            InstantSource clock)
            throws IOException {
        Map<String, Handler> handlers =
                new TreeMap<>(Handlers.all(allowed, new Asset(slots, upload, version), outbound));
        handlers.put("wipe", wipe);
        this.commands = new Commands(state, handlers, name -> Handlers.listed(allowed, name), outbound, clock);
        this.state = state;
        this.wipe = wipe;
    }

    /** Says what became of commands that the last agent was stopped in; an unfinished wipe goes on. */
    public void start() throws IOException {
        commands.start();
        if (Wipe.erased(state)) {
            Thread.ofVirtual().name("wipe").start(() -> {
                try {
                    wipe.end();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    /** @param payload as docs/protocol.md §4 has it */
    public void take(byte[] payload) {
        commands.take(payload);
    }

    @Override
    public void close() throws IOException {
        commands.close();
    }

    private record Asset(Slots slots, Upload upload, String agentVersion) implements Handlers.Surroundings {
        @Override
        public Optional<String> restartApp(String component) throws InterruptedException {
            return slots.restart(component);
        }

        @Override
        public Map<String, Path> logs() {
            return slots.logs();
        }

        @Override
        public Upload.Result upload(Path file, Map<String, String> metadata) throws InterruptedException {
            return upload.send(file, metadata);
        }
    }
}
