/* SPDX-License-Identifier: Apache-2.0 */
/* What the simulated machine launches: images of enclaves and of trust domains. */
#include <describe/parts.h>

#include <image/image.h>
#include <image/td_image.h>

static void describe_sections(json_t *to, const qy_image_section *sections, size_t count)
{
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) {
    json_t *section = json_pack("{s:s, s:I}", "name", sections[i].name, "size", (json_int_t)sections[i].bytes.size);
    qy_describe_view(section, "bytes", sections[i].bytes);
    json_array_append_new(list, section);
  }
  json_object_set_new(to, "sections", list);
}

qy_status qy_describe_image(json_t *to, qy_view bytes, qy_error *why)
{
  qy_image image;
  uint8_t measured[QY_MEASUREMENT_SIZE];
  qy_sigstruct sigstruct;
  QY_TRY(qy_image_decode(&image, bytes, why));
  QY_TRY(qy_image_measure(measured, &image, why));
  QY_TRY(qy_sigstruct_decode(&sigstruct, image.sigstruct, why));
  qy_describe_hex(to, "measured", measured, sizeof(measured));
  json_object_set_new(to, "program_size", json_integer((json_int_t)image.program.size));
  describe_sections(to, image.sections, image.section_count);
  json_t *signature = json_object();
  qy_describe_sigstruct_members(signature, &sigstruct);
  json_object_set_new(to, "sigstruct", signature);
  return QY_OK;
}

qy_status qy_describe_td_image(json_t *to, qy_view bytes, qy_error *why)
{
  qy_td_image image;
  uint8_t mr_td[QY_TD_HASH_SIZE], mr_config_id[QY_TD_HASH_SIZE];
  QY_TRY(qy_td_image_decode(&image, bytes, why));
  QY_TRY(qy_td_image_measure(mr_td, &image, why));
  QY_TRY(qy_td_image_config_id(mr_config_id, &image, why));
  qy_describe_hex(to, "mrtd", mr_td, sizeof(mr_td));
  qy_describe_hex(to, "mrconfigid", mr_config_id, sizeof(mr_config_id));
  qy_describe_bits(to, "td_attributes", image.attributes, qy_td_attribute_name);
  qy_describe_bits(to, "xfam", image.xfam, qy_xfam_name);
  json_object_set_new(to, "program_size", json_integer((json_int_t)image.program.size));
  json_object_set_new(to, "configuration_size", json_integer((json_int_t)image.configuration.size));
  describe_sections(to, image.sections, image.section_count);
  return QY_OK;
}
