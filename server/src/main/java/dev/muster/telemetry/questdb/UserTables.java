package dev.muster.telemetry.questdb;

import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.TableToken;
import io.questdb.cairo.wal.seq.SeqTxnTracker;
import io.questdb.std.ObjHashSet;
import java.util.ArrayList;
import java.util.List;

/** The tables that are not QuestDB's own. */
final class UserTables {
    private UserTables() {}

    static List<TableToken> of(CairoEngine engine) {
        ObjHashSet<TableToken> tokens = new ObjHashSet<>();
        engine.getTableTokens(tokens, false);
        List<TableToken> found = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            if (!tokens.get(i).isSystem()) {
                found.add(tokens.get(i));
            }
        }
        return found;
    }

    /** What is committed to a table, and what of it is applied. */
    static SeqTxnTracker tracker(CairoEngine engine, TableToken token) {
        return engine.getTableSequencerAPI().getTxnTracker(token);
    }
}
