--[[
Edit in Lacuna: hands the selected images to Lacuna and puts what comes back beside them.

Each image is developed into a TIFF of 16 bits beside its file (IMG_1_lacuna.tif). Lacuna opens it;
Ctrl+S there writes into it, and closing the photo there goes on here: the TIFF is imported and
grouped with its image, with the same rating and colour labels. One that was not saved is removed.

Needs darktable 4 or later with Lua, and nothing else. See docs/other-programs.md.
]]

local dt = require "darktable"

local NAME = "lacuna"
local WINDOWS = dt.configuration.running_os == "windows"

dt.preferences.register(
  NAME, "command", "string", "Lacuna: command",
  "The program “lacuna”, with its folder where the system does not find it.", "lacuna"
)

-- A file name as one word of the system's shell.
local function quote(name)
  if WINDOWS then
    return '"' .. name .. '"'
  end
  return "'" .. name:gsub("'", "'\\''") .. "'"
end

local function exists(name)
  local file = io.open(name, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

-- The first of IMG_1_lacuna.tif, IMG_1_lacuna_2.tif … beside an image that is not there yet.
local function find_free_name(image)
  local stem = image.path .. (WINDOWS and "\\" or "/") .. image.filename:gsub("%.[^.]*$", "")
  local name, number = stem .. "_lacuna.tif", 2
  while exists(name) do
    name, number = stem .. "_lacuna_" .. number .. ".tif", number + 1
  end
  return name
end

local function read_all(name)
  local file = io.open(name, "rb")
  if not file then
    return nil
  end
  local content = file:read("a")
  file:close()
  return content
end

-- Develop an image into the file `name`; false if darktable could not.
local function develop(image, name)
  local format = dt.new_format("tiff")
  format.bpp = 16
  -- darktable returns true where it failed.
  return not format:write_image(image, name, false) and exists(name)
end

-- Put the file beside its image in the collection.
local function take_in(image, name)
  local result = dt.database.import(name)
  result:group_with(image.group_leader)
  result.rating = image.rating
  for _, colour in ipairs({ "red", "yellow", "green", "blue", "purple" }) do
    result[colour] = image[colour]
  end
  return result
end

-- Develop an image, have it edited, and return the new image; nil if nothing came of it.
local function edit(image)
  local name = find_free_name(image)
  if not develop(image, name) then
    dt.print("Lacuna: " .. image.filename .. " could not be exported")
    return nil
  end
  local before = read_all(name)
  local command = dt.preferences.read(NAME, "command", "string")
  -- Does not keep darktable from working meanwhile.
  local code = dt.control.execute(command .. " --edit " .. quote(name))
  if read_all(name) == before then
    os.remove(name) -- nothing was saved
    if code ~= 0 then
      dt.print("Lacuna: “" .. command .. "” could not be run (" .. code .. ")")
    end
    return nil
  end
  return take_in(image, name)
end

local function edit_all(images)
  for number, image in ipairs(images) do
    dt.print("Lacuna: " .. image.filename .. " (" .. number .. " / " .. #images .. ")")
    edit(image)
  end
end

local TIP = "develop the selected images into TIFF files of 16 bits, and edit them in Lacuna"

dt.register_event(NAME, "shortcut", function() edit_all(dt.gui.action_images) end, "edit in Lacuna")
if not dt.configuration.has_gui then
  return { edit = edit }
end
dt.gui.libs.image.register_action(
  NAME, "edit in Lacuna", function(_, images) edit_all(images) end, TIP
)

return { edit = edit }
