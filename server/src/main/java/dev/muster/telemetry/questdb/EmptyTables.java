package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders of tables that hold no row: removed before the engine opens, so that the tables are made anew.
 *
 * <p>A table is a folder of a dozen files. A process that is killed while it makes one leaves some of them, and QuestDB
 * then refuses to open the table. Which folders are whole is QuestDB's affair; that nothing is
 * lost with one that has neither a write-ahead log nor a partition is plain to see.
 */
final class EmptyTables {
    private static final Logger log = LoggerFactory.getLogger(EmptyTables.class);
    /** The sequencer's folder, under its new and old name: made with every table that has a write-ahead log. */
    private static final List<String> MADE_WITH_THE_TABLE = List.of("txn_seq", "seq");

    private EmptyTables() {}

    /** @param root the folder that holds QuestDB's tables; one that does not exist yet is none */
    static void remove(Path root) {
        if (!Files.isDirectory(root)) {
            return;
        }
        try (Stream<Path> folders = Files.list(root)) {
            for (Path folder : folders.filter(EmptyTables::isOurs).toList()) {
                if (holdsNothing(folder)) {
                    delete(folder);
                    log.debug("empty table folder {} removed; the table is made anew", folder.getFileName());
                }
            }
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot look for half-made tables in " + root + ": " + e, e);
        }
    }

    /** Tables of QuestDB itself are not ours to judge. */
    private static boolean isOurs(Path folder) {
        String name = folder.getFileName().toString();
        return name.contains("~") && !name.startsWith("sys.") && !name.startsWith("_") && Files.isDirectory(folder);
    }

    private static boolean holdsNothing(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory)
                    .allMatch(entry ->
                            MADE_WITH_THE_TABLE.contains(entry.getFileName().toString()));
        }
    }

    /** Contents first: a kill meanwhile leaves a folder that still holds nothing. */
    private static void delete(Path folder) throws IOException {
        try (Stream<Path> entries = Files.walk(folder)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        }
    }
}
