package dev.muster.agent.slot;

import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Where the agent is installed, and the notes between it and its launcher ({@code bin/muster-agent}), which picks the slot and
 * counts the starts of a version on probation:
 *
 * <pre>
 * slots/a, slots/b     agent.jar and lib/
 * slots/current        the slot that runs: a or b
 * slots/trial          "b 2": slot b is on probation and was started twice
 * slots/failed         "b WHY": slot b was on probation and is given up
 * </pre>
 *
 * @param running the slot of this process
 */
record AgentHome(Path home, Slot running) {
    /** As the server calls the agent. */
    static final String COMPONENT = "muster-agent";

    static final String HOME = "muster.agent.home";
    static final String SLOT = "muster.agent.slot";
    /** Says to the launcher: start me again, I may be another one. */
    static final int START_AGAIN = 75;

    /** Empty where the agent was not started by its launcher; then it cannot update itself. */
    static Optional<AgentHome> ofThisProcess() {
        String home = System.getProperty(HOME, "");
        String slot = System.getProperty(SLOT, "");
        return home.isEmpty() || slot.isEmpty()
                ? Optional.empty()
                : Optional.of(new AgentHome(Path.of(home), Slot.valueOf(slot.toUpperCase(Locale.ROOT))));
    }

    Path slots() {
        return home.resolve("slots");
    }

    Path slot(Slot slot) {
        return slots().resolve(slot.folder());
    }

    /** The next start is one of this slot, on probation. */
    void putOnProbation(Slot slot) throws IOException {
        delete("failed");
        write("trial", slot.folder() + " 0");
    }

    /** The probation is passed. In this order: with both, the slot is started whatever the launcher reads. */
    void confirm(Slot slot) throws IOException {
        if (!read("current").equals(Optional.of(slot.folder()))) {
            write("current", slot.folder());
        }
        delete("trial");
    }

    /** The next start is one of the other slot. */
    void giveUp(Slot slot, String why) throws IOException {
        write("failed", slot.folder() + " " + why.replaceAll("\\p{Cntrl}", " "));
        delete("trial");
    }

    /** Why this slot was given up; empty when it was not. */
    Optional<String> failure(Slot slot) throws IOException {
        String prefix = slot.folder() + " ";
        return read("failed").filter(note -> note.startsWith(prefix)).map(note -> note.substring(prefix.length()));
    }

    void forgetFailure() throws IOException {
        delete("failed");
    }

    private Optional<String> read(String name) throws IOException {
        try {
            return Optional.of(Files.readString(slots().resolve(name)).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private void write(String name, String text) throws IOException {
        Path file = slots().resolve(name);
        Path beside = slots().resolve(name + ".new");
        Files.deleteIfExists(beside);
        try (FileChannel channel =
                FileChannel.open(beside, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            channel.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        StateDirectory.sync(slots());
    }

    private void delete(String name) throws IOException {
        if (Files.deleteIfExists(slots().resolve(name))) {
            StateDirectory.sync(slots());
        }
    }
}
