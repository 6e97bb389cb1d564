package dev.muster.agent.slot;

import java.io.IOException;

/** Where the record of one component is kept. */
interface SlotRecords {
    SlotRecord load() throws IOException;

    /** When this returns, the record survives a power loss; when it does not, the old one or the new one is there. */
    void save(SlotRecord slots) throws IOException;
}
