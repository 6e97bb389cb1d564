package dev.muster.ingest;

import dev.muster.command.CommandResults;
import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.protocol.Uplink;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Brings what assets say of their commands to where commands are kept. */
record CommandResultConsumer(String name, CommandResults commands) implements Consumer {

    @Override
    public void accept(List<JournalEntry> batch) {
        List<CommandResults.Word> words = new ArrayList<>();
        for (JournalEntry entry : batch) {
            if (entry.kind() == EntryKind.COMMAND_RESULT
                    && entry.requireUplink() instanceof Uplink.CommandResult said) {
                words.add(new CommandResults.Word(entry.asset(), Instant.ofEpochMilli(entry.receivedAt()), said));
            }
        }
        if (!words.isEmpty()) {
            commands.accept(words);
        }
    }
}
