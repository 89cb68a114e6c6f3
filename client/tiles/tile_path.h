// Names of tiles and entry bundles, and how many of each a tree has.
//
//   tile/<level>/<N>[.p/<width>]     up to 256 hashes of 32 bytes
//   tile/entries/<N>[.p/<width>]     up to 256 of: length (2 bytes, big endian)
//                                    and entry
//
// N in groups of three digits, all but the last one with an "x" before it:
// 1234067 is x001/x234/067.
// Source: c2sp.org/tlog-tiles@v0.1.0. Thread-safe.
#ifndef BOOTSEAL_CLIENT_TILES_TILE_PATH_H_
#define BOOTSEAL_CLIENT_TILES_TILE_PATH_H_

#include <cstdint>
#include <string>

namespace bootseal::tiles {

inline constexpr std::uint32_t kTileWidth = 256;

// `width` from 1 to kTileWidth; a full tile has no ".p".
std::string TilePath(std::uint32_t level, std::uint64_t index,
                     std::uint32_t width);
std::string EntriesPath(std::uint64_t index, std::uint32_t width);

// Of a tree of `size` entries: how many full tiles a level has, and how wide
// the one behind them is (0: there is none).
std::uint64_t FullTiles(std::uint64_t size, std::uint32_t level);
std::uint32_t PartialWidth(std::uint64_t size, std::uint32_t level);
// Levels that have a tile.
std::uint32_t Levels(std::uint64_t size);

}  // namespace bootseal::tiles

#endif  // BOOTSEAL_CLIENT_TILES_TILE_PATH_H_
