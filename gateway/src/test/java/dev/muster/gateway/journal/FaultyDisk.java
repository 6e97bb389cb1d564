package dev.muster.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens real files whose writes, syncs and cuts fail when a test says so. */
final class FaultyDisk implements ChannelOpener {
    volatile @Nullable String writesFail;
    volatile @Nullable String syncsFail;
    volatile @Nullable String cutsFail;

    @Override
    public FileChannel open(Path path, OpenOption... options) throws IOException {
        return new Faulty(FileChannel.open(path, options));
    }

    private static void failIf(@Nullable String message) throws IOException {
        if (message != null) {
            throw new IOException(message);
        }
    }

    private final class Faulty extends FileChannel {
        private final FileChannel real;

        Faulty(FileChannel real) {
            this.real = real;
        }

        /** As a real disk: some of it is written, then no more. */
        @Override
        public int write(ByteBuffer from) throws IOException {
            if (writesFail != null && from.remaining() > 1) {
                ByteBuffer part = from.slice(from.position(), from.remaining() / 2);
                from.position(from.position() + part.remaining());
                return real.write(part);
            }
            failIf(writesFail);
            return real.write(from);
        }

        @Override
        public void force(boolean metaData) throws IOException {
            failIf(syncsFail);
            real.force(metaData);
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            failIf(cutsFail);
            real.truncate(size);
            return this;
        }

        @Override
        public long position() throws IOException {
            return real.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            real.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
        }

        @Override
        public int read(ByteBuffer to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] to, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(ByteBuffer to, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer from, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
