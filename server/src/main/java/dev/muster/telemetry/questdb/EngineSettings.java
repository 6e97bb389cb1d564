package dev.muster.telemetry.questdb;

import io.questdb.DefaultTelemetryConfiguration;
import io.questdb.Metrics;
import io.questdb.TelemetryConfiguration;
import io.questdb.cairo.CommitMode;
import io.questdb.cairo.DefaultCairoConfiguration;
import io.questdb.griffin.engine.table.parquet.ParquetCompression;
import java.nio.file.Path;
import java.util.Objects;

/**
 * How QuestDB runs here: what a commit reports is on disk, memory is small, nothing is reported to anyone.
 *
 * <p>Sizes are of memory maps and of native buffers per column. QuestDB's own defaults suit a machine that does nothing
 * else: with them a table of 30 columns takes half a gigabyte of buffers while rows arrive out of order.
 */
final class EngineSettings extends DefaultCairoConfiguration {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    /** Of zstd. */
    private static final int PARQUET_LEVEL = 9;

    private final int commitMode;
    private final StoreFiles files;
    private final boolean recovering;

    EngineSettings(Path folder, boolean syncOnCommit, StoreFiles files) {
        this(folder, syncOnCommit, files, false);
    }

    private EngineSettings(Path folder, boolean syncOnCommit, StoreFiles files, boolean recovering) {
        this.recovering = recovering;
        this.commitMode = syncOnCommit ? CommitMode.SYNC : CommitMode.NOSYNC;
        this.files = files; // asked for by the constructor above
        super(folder.toString());
    }

    /** Goes back to the checkpoint that lies beside the folder, at the opening. */
    static EngineSettings recovering(Path folder) {
        return new EngineSettings(folder, true, new StoreFiles(), true);
    }

    @Override
    public boolean isCheckpointRecoveryEnabled() {
        return recovering;
    }

    /** Where QuestDB looks for the sign that it is to recover. */
    @Override
    public String getInstallRoot() {
        return Objects.requireNonNull(Path.of(getDbRoot()).getParent()).toString();
    }

    @Override
    public StoreFiles getFilesFacade() {
        return files;
    }

    @Override
    public int getCommitMode() {
        return commitMode;
    }

    // Days in Parquet.

    @Override
    public int getPartitionEncoderParquetCompressionCodec() {
        return ParquetCompression.COMPRESSION_ZSTD;
    }

    @Override
    public int getPartitionEncoderParquetCompressionLevel() {
        return PARQUET_LEVEL;
    }

    /** QuestDB divides by it when rows come for such a day. */
    @Override
    public int getPartitionEncoderParquetRowGroupSize() {
        return 100_000;
    }

    /** Whoever packs a day reads back what was written; nobody else can name a file in a question. */
    @Override
    public CharSequence getSqlCopyInputRoot() {
        return getDbRoot();
    }

    /** The table of an asset type that was dropped and made again must not meet files of the old one. */
    @Override
    public boolean mangleTableDirNames() {
        return true;
    }

    @Override
    public int getMaxFileNameLength() {
        return Names.MAX_LENGTH + 20;
    }

    @Override
    public boolean enableTestFactories() {
        return false;
    }

    @Override
    public boolean getLogSqlQueryProgressExe() {
        return false;
    }

    @Override
    public Metrics getMetrics() {
        return Metrics.DISABLED;
    }

    @Override
    public TelemetryConfiguration getTelemetryConfiguration() {
        return new DefaultTelemetryConfiguration() {
            @Override
            public boolean getDisableCompletely() {
                return true;
            }

            @Override
            public boolean getEnabled() {
                return false;
            }
        };
    }

    @Override
    public boolean isMatViewEnabled() {
        return false;
    }

    @Override
    public boolean isIOURingEnabled() {
        return false;
    }

    @Override
    public long getDataAppendPageSize() {
        return MIB;
    }

    @Override
    public long getWalDataAppendPageSize() {
        return 256 * KIB;
    }

    @Override
    public int getO3ColumnMemorySize() {
        return 256 * KIB;
    }

    @Override
    public int getDefaultSymbolCapacity() {
        return 4096;
    }

    @Override
    public long getInactiveReaderTTL() {
        return 60_000;
    }

    @Override
    public long getInactiveWriterTTL() {
        return 120_000;
    }

    @Override
    public int getInactiveReaderMaxOpenPartitions() {
        return 32;
    }

    @Override
    public int getO3PartitionQueueCapacity() {
        return 128;
    }

    @Override
    public int getO3OpenColumnQueueCapacity() {
        return 128;
    }

    @Override
    public int getO3CopyQueueCapacity() {
        return 128;
    }

    @Override
    public int getPageFrameReduceShardCount() {
        return 1;
    }

    @Override
    public int getPageFrameReduceQueueCapacity() {
        return 8;
    }

    @Override
    public int getUnorderedPageFrameReduceQueueCapacity() {
        return 64;
    }

    @Override
    public int getVectorAggregateQueueCapacity() {
        return 64;
    }

    // Pools of objects that every SQL compiler fills in advance; they grow when a statement needs more.

    @Override
    public int getSqlModelPoolCapacity() {
        return 32;
    }

    @Override
    public int getSqlExpressionPoolCapacity() {
        return 256;
    }

    @Override
    public int getSqlLexerPoolCapacity() {
        return 128;
    }

    @Override
    public int getSqlColumnPoolCapacity() {
        return 128;
    }

    @Override
    public int getGroupByPoolCapacity() {
        return 32;
    }

    @Override
    public int getSqlCompilerPoolCapacity() {
        return 4;
    }

    @Override
    public int getO3PurgeDiscoveryQueueCapacity() {
        return 128;
    }

    @Override
    public int getO3CallbackQueueCapacity() {
        return 128;
    }

    @Override
    public int getColumnIndexerQueueCapacity() {
        return 128;
    }

    @Override
    public int getWalTxnNotificationQueueCapacity() {
        return 1024;
    }

    /**
     * Times the thousand rows that QuestDB takes for a commit when a table does not say: what is merged at once of a table that is behind.
     * Each merge rewrites what lies behind its oldest row, so that small ones cost many times as much when rows come out of order.
     */
    @Override
    public double getWalLagRowsMultiplier() {
        return 500;
    }

    /** Bounds the same by memory. */
    @Override
    public long getWalMaxLagSize() {
        return 32L * MIB;
    }

    /** Notices at every start that a table has WAL to apply, and again this often. */
    @Override
    public long getSequencerCheckInterval() {
        return 2_000;
    }
}
